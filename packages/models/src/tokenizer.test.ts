import { loadTokenizer } from '@lowrank/models';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asciiLetters, lettersOfBytes, writeTokenizer } from '../test/byte-tokenizer.js';
import { changeJson } from '../test/scratch.js';

const all = lettersOfBytes();
const space = all[32] as string;

describe('a tokenizer', () => {
  it('encodes by merges, in their order, within words', () =>
    withFolder(async (folder) => {
      const merges: [string, string][] = [
        ['h', 'a'],
        [space, 'w'],
        ['l', 'e'],
      ];
      const tokens = [...asciiLetters, ...merges.map((pair) => pair.join(''))];
      await writeTokenizer(folder, { tokens, merges });
      const { encode, vocabSize } = await loadTokenizer(folder);
      const id = (token: string) => 1 + tokens.indexOf(token);
      expect(encode('a whale')).toEqual([id('a'), id(`${space}w`), id('ha'), id('le')]);
      expect(vocabSize).toBe(1 + tokens.length);
    }));

  it('gives back every text bit for bit, and knows a special token inside one', () =>
    withFolder(async (folder) => {
      await writeTokenizer(folder, { tokens: all });
      const { encode, decode } = await loadTokenizer(folder);
      const texts = [
        '',
        ' ',
        '  two  spaces ',
        "don 't , stop .",
        'line\n\n\tnext\r\n',
        'naïve — “quoted”',
        '日本 🐋',
        'a<|end|>b',
      ];
      for (const text of texts) expect(decode(encode(text))).toBe(text);
      expect(encode('a<|end|>b')).toEqual([1 + 97, 0, 1 + 98]);
      expect(decode([1 + 97, 0, 1 + 98], { specialTokens: false })).toBe('ab');
      expect(encode('é')).toEqual([1 + 0xc3, 1 + 0xa9]);
    }));

  it('puts special tokens around a text only when asked', () =>
    withFolder(async (folder) => {
      await writeTokenizer(folder, { tokens: asciiLetters, startsTexts: true });
      const { encode } = await loadTokenizer(folder);
      expect(encode('!')).toEqual([2]);
      expect(encode('!', { specialTokens: true })).toEqual([0, 2]);
    }));

  it('knows the id that ends a text when its config names one, as text or as an object', () =>
    withFolder(async (folder) => {
      const eosOf = async (eos: unknown) => {
        await writeTokenizer(folder, { tokens: asciiLetters, eos });
        return (await loadTokenizer(folder)).eosTokenId;
      };
      expect(await eosOf('<|end|>')).toBe(0);
      expect(await eosOf({ content: '!' })).toBe(2);
      expect(await eosOf(null)).toBeUndefined();
      expect(await eosOf('<|none|>')).toBeUndefined();
      await rm(join(folder, 'tokenizer_config.json'));
      expect((await loadTokenizer(folder)).eosTokenId).toBeUndefined();
    }));

  it('is refused by file when missing, damaged or of no known kind', () =>
    withFolder(async (folder) => {
      const path = join(folder, 'tokenizer.json');
      const reload = () => errorOf(() => loadTokenizer(folder));
      expect(await reload()).toMatchObject({ code: 'file-missing', rule: expect.stringContaining('tokenizer.json') });
      for (const text of ['', '[]', '{}', '{"model": 3}', '{"model": {"type": "BPE"}}']) {
        await writeFile(path, text);
        expect(await reload()).toMatchObject({ code: 'file-invalid', given: path });
      }
      await writeTokenizer(folder, { tokens: [] });
      await changeJson(path, { added_tokens: [], model: { type: 'BPE', vocab: {}, merges: [] } });
      expect(await reload()).toMatchObject({ rule: expect.stringContaining('its vocabulary is empty') });
      for (const id of [474099314, -1, 0.5, null, '3']) {
        await writeTokenizer(folder, { tokens: [] });
        await changeJson(path, { model: { type: 'BPE', vocab: { a: 1, ma: id }, merges: [] } });
        expect(await reload()).toMatchObject({
          code: 'file-invalid',
          given: `${path}: the id of "ma" is ${JSON.stringify(id)}`,
        });
      }
      await writeTokenizer(folder, { tokens: asciiLetters });
      await changeJson(path, { pre_tokenizer: { type: 'Telepathy' } });
      expect(await reload()).toMatchObject({ code: 'file-invalid', rule: expect.stringContaining('Telepathy') });
      await writeTokenizer(folder, { tokens: asciiLetters });
      await changeJson(path, { post_processor: { type: 'TemplateProcessing', single: 3, pair: [] } });
      const { encode, encodeSequence } = await loadTokenizer(folder);
      for (const use of [() => encode('!'), () => encodeSequence('!')]) {
        expect(await errorOf(async () => use())).toMatchObject({ code: 'file-invalid', given: path });
      }
      await writeTokenizer(folder, { tokens: asciiLetters });
      await writeFile(join(folder, 'tokenizer_config.json'), '{');
      expect(await reload()).toMatchObject({ given: join(folder, 'tokenizer_config.json') });
    }));
});
