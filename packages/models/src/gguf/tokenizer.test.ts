import { loadTokenizer } from '@lowrank/models';
import type { GgufValue } from '@lowrank/formats';
import { describe, errorOf, expect, it, withFolder } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenGguf, withChanged, writeGguf } from '../../test/gguf.js';
import { goldenFolder } from '../../test/golden.js';
import { tinyBase } from '../../test/tiny-base.js';

const expected = async (name: string) => JSON.parse(await readFile(join(goldenFolder('gguf'), `${name}.json`), 'utf8'));

/** Metadata of a byte-level BPE with the vocabulary of the embedded model. */
async function bytePairs(pre: string): Promise<Map<string, GgufValue>> {
  const { model } = JSON.parse(await readFile(join(tinyBase, 'tokenizer.json'), 'utf8'));
  const tokens = Object.keys(model.vocab).sort((one, other) => model.vocab[one] - model.vocab[other]);
  return new Map<string, GgufValue>([
    ['general.architecture', 'llama'],
    ['tokenizer.ggml.model', 'gpt2'],
    ['tokenizer.ggml.pre', pre],
    ['tokenizer.ggml.tokens', tokens],
    ['tokenizer.ggml.token_type', Int32Array.from(tokens, (_, id) => (id === 0 ? 3 : 1))],
    ['tokenizer.ggml.merges', (model.merges as string[][]).map((pair) => pair.join(' '))],
    ['tokenizer.ggml.bos_token_id', 0],
    ['tokenizer.ggml.eos_token_id', 0],
  ]);
}

function withTokenizer(metadata: Map<string, GgufValue>, body: (path: string) => Promise<unknown>): Promise<void> {
  return withFolder(async (folder) => {
    const path = join(folder, 'tokenizer.gguf');
    await writeGguf(path, { metadata, tensors: new Map() });
    await body(path);
  });
}

describe("a GGUF file's tokenizer", () => {
  for (const pre of ['gpt-2', 'smollm', 'llama-bpe', 'qwen2']) {
    it(`cuts 56 awkward texts as Hugging Face's does where it says "${pre}"`, async () => {
      const golden = await expected('bpe-tokens');
      await withTokenizer(await bytePairs(pre), async (path) => {
        const tokenizer = await loadTokenizer(path);
        for (const [index, text] of (golden.texts as string[]).entries()) {
          expect([text, tokenizer.encode(text)]).toEqual([text, golden[pre][index]]);
          // NFC changes what qwen2 reads, and so what comes back.
          expect(tokenizer.decode(golden[pre][index])).toBe(pre === 'qwen2' ? text.normalize('NFC') : text);
        }
      });
    });
  }

  it('cuts them as SentencePiece does, and gives back each text', async () => {
    const tokenizer = await loadTokenizer(goldenGguf('sentencepiece'));
    const rows: { text: string; ids: number[] }[] = await expected('sentencepiece');
    expect(rows).toHaveLength(56);
    for (const { text, ids } of rows) {
      expect([text, tokenizer.encode(text)]).toEqual([text, ids]);
      // The library's decoder of single bytes takes a byte-order mark for its own.
      expect(tokenizer.decode(ids)).toBe(text.replace('\ufeff', ''));
    }
  });

  it('begins and ends texts as the file says, else as its kind does', async () => {
    const one = async (path: string) => (await loadTokenizer(path)).encode('a', { specialTokens: true });
    const at = async (pre: string, extra: Record<string, boolean> = {}) => {
      let ids: number[] = [];
      const metadata = new Map([...(await bytePairs(pre)), ...Object.entries(extra)]);
      await withTokenizer(metadata, async (path) => void (ids = await one(path)));
      return ids;
    };
    const [a] = await at('smollm');
    expect(await at('smollm', { 'tokenizer.ggml.add_bos_token': true })).toEqual([0, a]);
    expect(await at('smollm', { 'tokenizer.ggml.add_eos_token': true })).toEqual([a, 0]);
    expect(await at('llama-bpe')).toEqual([0, a]);
    expect(await at('llama-bpe', { 'tokenizer.ggml.add_bos_token': false })).toEqual([a]);
    expect((await one(goldenGguf('sentencepiece')))[0]).toBe(1);
  });

  it('knows special tokens within a text, and the one that ends it', async () => {
    await withTokenizer(await bytePairs('smollm'), async (path) => {
      const tokenizer = await loadTokenizer(path);
      expect(tokenizer.encode('<|endoftext|>')).toEqual([0]);
      expect(tokenizer).toMatchObject({ eosTokenId: 0, vocabSize: 2048 });
      expect(tokenizer.decode(tokenizer.encode('a<|endoftext|>b'), { specialTokens: false })).toBe('ab');
    });
  });

  const refusals: [what: string, change: Record<string, GgufValue | undefined>, code: string, rule: string][] = [
    ['a model without one', { 'tokenizer.ggml.model': undefined }, 'file-invalid', 'has a tokenizer'],
    ['a kind that is not known', { 'tokenizer.ggml.model': 'rwkv' }, 'model-unsupported', 'gpt2, llama'],
    ['a way of cutting that is not known', { 'tokenizer.ggml.pre': 'tekken' }, 'model-unsupported', 'smollm'],
    ['no way of cutting', { 'tokenizer.ggml.pre': undefined }, 'model-unsupported', 'smollm'],
    ['tokens that are no texts', { 'tokenizer.ggml.tokens': 3 }, 'file-invalid', 'a list of texts'],
    ['a token twice', { 'tokenizer.ggml.tokens': ['a', 'b', 'a'] }, 'file-invalid', 'token 2, "a", is there twice'],
    ['fewer kinds than tokens', { 'tokenizer.ggml.token_type': Int32Array.of(1) }, 'file-invalid', 'a list of 2048'],
    ['a token beyond the last', { 'tokenizer.ggml.eos_token_id': 2048 }, 'file-invalid', 'there are 2048'],
    ['no merges', { 'tokenizer.ggml.merges': undefined }, 'file-invalid', 'a list of texts'],
  ];
  for (const [what, change, code, rule] of refusals) {
    it(`is refused, naming the key, with ${what}`, async () => {
      const metadata = await bytePairs('smollm');
      for (const [key, value] of Object.entries(change)) {
        if (value === undefined) metadata.delete(key);
        else metadata.set(key, value);
      }
      await withTokenizer(metadata, async (path) => {
        const error = await errorOf(() => loadTokenizer(path));
        expect(error).toMatchObject({ code, rule: expect.stringContaining(rule) });
        expect(error.given).toContain(`${path}: "${Object.keys(change)[0]}"`);
      });
    });
  }

  it('is refused without the scores that SentencePiece merges by', () =>
    withChanged(
      'sentencepiece',
      ({ metadata }) => metadata.delete('tokenizer.ggml.scores'),
      async (path) => {
        expect((await errorOf(() => loadTokenizer(path))).given).toContain('"tokenizer.ggml.scores": not there');
      },
    ));
});
