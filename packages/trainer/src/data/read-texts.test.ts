import { describe, expect, it } from '@lowrank/testing';
import { readTexts } from '@lowrank/trainer';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('readTexts', () => {
  it('takes a text file whole, a JSONL file by the line, a folder by name', () =>
    withFiles(
      { 'b.txt': '\uFEFFb\n', 'a.jsonl': '{"text":"1"}\n{"text":"2"}\n', 'c.MD': '# c', 'd.png': 'no', '.e.txt': 'no' },
      async (at) => {
        await mkdir(at('f.txt'));
        const texts = await readTexts([at('c.MD'), at('')]);
        expect(texts.map(({ text }) => text)).toEqual(['# c', '1', '2', 'b\n', '# c']);
        expect(texts[1]!.file).toBe(at('a.jsonl'));
      },
    ));

  it('reads another field of JSONL on request', () =>
    withFiles({ 'a.ndjson': '{"body":"1"}' }, async (at) => {
      expect(await readTexts([at('a.ndjson')], { field: 'body' })).toEqual([{ file: at('a.ndjson'), text: '1' }]);
    }));

  it('says what is wrong with a file, naming it', () =>
    withFiles(
      {
        'a.csv': 'a',
        'latin.txt': Uint8Array.of(0x66, 0xfc),
        'empty.md': ' \n',
        'bad.jsonl': '{"text":"1"}\n{',
        'sub/x.csv': '',
      },
      async (at) => {
        const refused = async (name: string, code: string, rule: string) => {
          const message = expect.stringContaining(`${at(name)}${rule}`);
          await expect(readTexts([at(name)])).rejects.toMatchObject({ code, message });
        };
        await refused('none.txt', 'file-missing', ': there is no such file');
        await refused('a.csv', 'data-invalid', ': text to train on ends in .txt, .md, .jsonl or .ndjson');
        await refused('latin.txt', 'data-invalid', ': it is not UTF-8 text');
        await refused('empty.md', 'data-invalid', ': it is empty');
        await refused('bad.jsonl', 'data-invalid', ':2: malformed JSON');
        await refused('sub', 'data-invalid', ': the folder holds no .txt');
      },
    ));
});

async function withFiles(
  files: Record<string, string | Uint8Array>,
  body: (at: (name: string) => string) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-texts-'));
  try {
    await mkdir(join(folder, 'sub'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await body((name) => (name ? join(folder, name) : folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
