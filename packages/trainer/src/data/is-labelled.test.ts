import { describe, expect, it, withFolder } from '@lowrank/testing';
import { isLabelled } from '@lowrank/trainer';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const labelled = '{"text":"a","label":1}';
const cases: [what: string, is: boolean, files: Record<string, string>][] = [
  ['a table', true, { 'a.csv': 'text,label\na,b' }],
  ['a table of texts alone', false, { 'a.csv': 'text\na' }],
  ['a table of texts beside something else', true, { 'a.csv': 'kind;text\nham;a' }],
  ['a table of completions', false, { 'a.csv': 'prompt,completion\na,b' }],
  ['a table in capitals, whatever its columns', true, { 'a.TSV': 'x\ty' }],
  ['lines with a text and a label, after a byte-order mark', true, { 'a.jsonl': `\uFEFF${labelled}\n{}` }],
  ['lines with a text alone', false, { 'a.jsonl': '{"text":"a"}' }],
  ['lines with a completion or messages too', false, { 'a.jsonl': '{"text":"a","label":"b","completion":"c"}' }],
  ['a line that is no object', false, { 'a.jsonl': 'null' }],
  ['an empty file', false, { 'a.jsonl': '' }],
  ['a table beside a plain text', false, { 'a.csv': 'text,label\na,b', 'b.md': 'b' }],
  ['lines of which the first file decides', true, { 'a.ndjson': labelled, 'b.ndjson': '{"text":"a"}' }],
];

describe('isLabelled', () => {
  for (const [what, is, files] of cases) {
    it(`takes ${what} as ${is ? 'labelled' : 'something else'}`, () =>
      withFolder(async (folder) => {
        for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
        expect(await isLabelled([folder])).toBe(is);
      }));
  }

  it('looks for other keys on request', () =>
    withFolder(async (folder) => {
      const file = join(folder, 'data.jsonl');
      await writeFile(file, '{"body":"a","class":"b"}');
      expect([await isLabelled([file]), await isLabelled([file], { text: 'body', label: 'class' })]).toEqual([
        false,
        true,
      ]);
    }));

  it('refuses what is not there, and an ending that no data has', () =>
    withFolder(async (folder) => {
      await mkdir(join(folder, 'sub'));
      await writeFile(join(folder, 'a.xlsx'), '');
      await expect(isLabelled([join(folder, 'b.csv')])).rejects.toMatchObject({ code: 'file-missing' });
      for (const path of [join(folder, 'a.xlsx'), dirname(join(folder, 'sub', 'x'))]) {
        await expect(isLabelled([path])).rejects.toMatchObject({
          code: 'data-invalid',
          message: expect.stringContaining('.txt, .md, .jsonl, .ndjson, .csv or .tsv'),
        });
      }
    }));
});
