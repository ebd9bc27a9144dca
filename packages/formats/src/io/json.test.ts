import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { parseJsonObject, readJsonObject } from '@lowrank/formats';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const parse = (text: string) => parseJsonObject('a.json', new TextEncoder().encode(text));

describe('parseJsonObject', () => {
  it('gives the object, whatever its texts look like', () => {
    const value = { 'a"b\\': 'a":{', list: ['a', 'a', { a: 1 }, { a: 2 }], a: { a: { a: null } }, '': ' : ' };
    expect(parse(JSON.stringify(value, null, '\t'))).toEqual(value);
  });

  const refused: [string, RegExp][] = [
    ['', /no valid JSON/],
    ['{"a": NaN}', /no valid JSON/],
    ['\ufeff{}', /no valid JSON/],
    ['null', /not an object/],
    ['[1]', /not an object/],
    ['"text"', /not an object/],
    ['{"a": 1, "a": 1}', /"a" is given twice/],
    ['{"x": [{"a" : 1, "\\u0061"\n: 2}]}', /"a" is given twice/],
    [`{"x": ${'{"y":'.repeat(200)}1${'}'.repeat(200)}}`, /nests deeper than 100 levels/],
  ];
  for (const [text, rule] of refused) {
    it(`refuses ${text.slice(0, 40)}, naming the file`, async () => {
      const error = await errorOf(() => parse(text));
      expect(error).toMatchObject({ code: 'file-invalid', given: 'a.json', rule: expect.stringMatching(rule) });
    });
  }

  it('refuses bytes that are not UTF-8', async () => {
    const error = await errorOf(() => parseJsonObject('a.json', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)));
    expect(error).toMatchObject({ code: 'file-invalid', rule: 'its text is not UTF-8' });
  });
});

it('readJsonObject says what is wrong with the file, by its path', () =>
  withFolder(async (folder) => {
    const path = join(folder, 'a.json');
    expect(await errorOf(() => readJsonObject(path))).toMatchObject({ code: 'file-missing', given: path });
    expect(await errorOf(() => readJsonObject(folder))).toMatchObject({ code: 'file-invalid', given: folder });
    await writeFile(path, '{"a": 1');
    expect(await errorOf(() => readJsonObject(path))).toMatchObject({ code: 'file-invalid', given: path });
    await writeFile(path, '{"a": 1}');
    expect(await readJsonObject(path)).toEqual({ a: 1 });
  }));
