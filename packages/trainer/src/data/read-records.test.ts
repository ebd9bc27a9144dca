import { describe, expect, it } from '@lowrank/testing';
import { readRecords } from '@lowrank/trainer';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

describe('readRecords', () => {
  it('takes a text file whole, a JSONL file by the line, a folder by name', () =>
    withFiles(
      { 'b.txt': '\uFEFFb\n', 'a.jsonl': '{"text":"1"}\n{"text":"2"}\n', 'c.MD': '# c', 'd.png': 'no', '.e.txt': 'no' },
      async (at) => {
        await mkdir(at('f.txt'));
        const texts = await readRecords([at('c.MD'), at('')]);
        expect(texts.map((one) => 'text' in one && one.text)).toEqual(['# c', '1', '2', 'b\n', '# c']);
        expect(texts.map(({ where }) => where).slice(0, 3)).toEqual([
          at('c.MD'),
          `${at('a.jsonl')}:1`,
          `${at('a.jsonl')}:2`,
        ]);
      },
    ));

  it('reads another field of JSONL on request', () =>
    withFiles({ 'a.ndjson': '{"body":"1"}' }, async (at) => {
      expect(await readRecords([at('a.ndjson')], { field: 'body' })).toEqual([
        { format: 'text', where: `${at('a.ndjson')}:1`, text: '1' },
      ]);
    }));

  it('takes a table by the row, quoted line breaks and all', () =>
    withFiles({ 'a.csv': 'prompt,completion,id\n"p ""1""\nq",c,1\n', 'b.tsv': 'id\ttext\n1\ta b\n' }, async (at) => {
      expect(await readRecords([at('a.csv')])).toEqual([
        { format: 'completion', where: `${at('a.csv')}:2`, prompt: 'p "1"\nq', completion: 'c' },
      ]);
      expect(await readRecords([at('b.tsv')])).toEqual([{ format: 'text', where: `${at('b.tsv')}:2`, text: 'a b' }]);
      expect(await readRecords([at('a.csv')], { field: 'id', format: 'text' })).toMatchObject([{ text: '1' }]);
    }));

  it('refuses data of two formats, naming both places', () =>
    withFiles({ 'a.jsonl': '{"prompt":"p","completion":"c"}', 'b.txt': 'b' }, async (at) => {
      await expect(readRecords([at('')])).rejects.toMatchObject({
        code: 'data-invalid',
        given: at('b.txt'),
        rule: `it is text, and ${at('a.jsonl')}:1 is completion`,
      });
      await expect(readRecords([at('b.txt')], { format: 'chat' })).rejects.toMatchObject({
        rule: 'it is text, and the format asked for is chat',
      });
    }));

  it('says what is wrong with a file, naming it', () =>
    withFiles(
      {
        'a.xls': 'a',
        'b.csv': 'a,text\n1,b\n2,',
        'c.tsv': 'prompt\tanswer\na\tb',
        'latin.txt': Uint8Array.of(0x66, 0x0a, 0x0a, 0x66, 0xfc),
        'empty.md': ' \n',
        'bad.jsonl': '{"text":"1"}\n{',
        'sub/x.xls': '',
      },
      async (at) => {
        const refused = async (name: string, code: string, rule: string) => {
          const message = expect.stringContaining(`${at(name)}${rule}`);
          await expect(readRecords([at(name)])).rejects.toMatchObject({ code, message });
        };
        await refused('none.txt', 'file-missing', ': there is no such file');
        await refused('a.xls', 'data-invalid', ': data to train on ends in .txt, .md, .jsonl, .ndjson, .csv or .tsv');
        await refused('b.csv', 'data-invalid', ':3: "text" is empty');
        await refused('c.tsv', 'data-invalid', ':1: there is no column "text"');
        await expect(readRecords([at('b.csv')], { format: 'chat' })).rejects.toMatchObject({ code: 'data-invalid' });
        await refused('latin.txt', 'data-invalid', ': it is not UTF-8 text: line 3');
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
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-records-'));
  try {
    await mkdir(join(folder, 'sub'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await body((name) => (name ? join(folder, name) : folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
