import { loadTokenizer, type Tokenizer } from '@lowrank/models';
import { describe, expect, it, withFolder } from '@lowrank/testing';
import { lettersOfBytes, writeTokenizer } from '../test/byte-tokenizer.js';
import { TextStream } from './text-stream.js';

/** A tokenizer whose tokens are single bytes: the id of byte b is b + 1. */
const withBytes = (body: (tokenizer: Tokenizer) => void) =>
  withFolder(async (folder) => {
    await writeTokenizer(folder, { tokens: lettersOfBytes() });
    body(await loadTokenizer(folder));
  });

const broken = '\uFFFD';

describe('a text stream', () => {
  const texts = ['plain words', 'naïve “quotes”', '日本語', 'whale 🐋 and 👩‍👧 family', 'e\u0301 combined', '\n\n  \t'];
  for (const text of texts) {
    it(`gives ${JSON.stringify(text)} in whole characters`, () =>
      withBytes((tokenizer) => {
        const stream = new TextStream(tokenizer);
        const pieces = tokenizer.encode(text).map((id) => stream.push(id));
        expect(pieces.filter((piece) => piece !== '')).toEqual(Array.from(text));
        expect(stream.end()).toBe('');
      }));
  }

  it('does not repeat its prompt, however long', () =>
    withBytes((tokenizer) => {
      for (const prompt of ['é', 'a long prompt, of more tokens than it looks back 🐋', '日本語日本語']) {
        const stream = new TextStream(tokenizer, tokenizer.encode(prompt));
        expect(tokenizer.encode('né').map((id) => stream.push(id))).toEqual(['n', '', 'é']);
      }
    }));

  it('gives what was never finished at the end, and bytes that are no text once something follows', () =>
    withBytes((tokenizer) => {
      const stream = new TextStream(tokenizer);
      expect([0xc3, 0x61].map((byte) => stream.push(byte + 1))).toEqual(['', `${broken}a`]);
      expect([0xf0, 0x9f].map((byte) => stream.push(byte + 1))).toEqual(['', '']);
      expect(stream.end()).toContain(broken);
      expect(stream.end()).toBe('');
    }));
});
