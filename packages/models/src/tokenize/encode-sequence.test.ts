import { loadTokenizer } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { goldenFolder } from '../../test/golden.js';

interface Row {
  text: string;
  pair: string | null;
  maxLength: number | null;
  ids: number[];
  types: number[];
}

const folder = goldenFolder('wordpiece');
const rows = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8')) as Row[];
const tokenizer = await loadTokenizer(folder);

describe('encodeSequence', () => {
  it("gives transformers' ids and types of WordPiece texts and pairs, whole and cut", () => {
    const whole = new Map<string, number>();
    for (const { text, pair, maxLength, ids, types } of rows) {
      const encoded = tokenizer.encodeSequence(text, { pair: pair ?? undefined, maxLength: maxLength ?? undefined });
      const said = { text, pair, maxLength };
      expect({ ...said, ids: [...encoded.ids], types: [...encoded.types] }).toEqual({ ...said, ids, types });
      const key = JSON.stringify([text, pair]);
      if (maxLength === null) whole.set(key, ids.length);
      if (whole.has(key)) expect(encoded.cut).toBe(ids.length < whole.get(key)!);
    }
    expect(rows.length).toBe(150);
  });

  it('refuses a length without room for text', async () => {
    expect(await errorOf(() => tokenizer.encodeSequence('a', { maxLength: 2 }))).toMatchObject({
      code: 'config-invalid',
      rule: 'it is a whole number above the 2 special tokens',
    });
    expect(await errorOf(() => tokenizer.encodeSequence('a', { pair: 'b', maxLength: 3 }))).toMatchObject({
      rule: 'it is a whole number above the 3 special tokens',
    });
  });
});
