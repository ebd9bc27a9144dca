import {
  generate,
  loadModel,
  loadTokenizer,
  type CausalModel,
  type GenerateOptions,
  type Tokenizer,
} from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { tensor2d, tidy } from '@tensorflow/tfjs-core';
import { asciiLetters, lettersOfBytes, writeTokenizer, type ByteTokenizer } from '../test/byte-tokenizer.js';
import { changeJson, withCopy } from '../test/scratch.js';

/** The golden model with a tokenizer of its 96 ids: one for each printable sign, so that text is ids. */
const withModel = (
  body: (model: CausalModel, tokenizer: Tokenizer) => Promise<void>,
  { config = {}, ...tokenizer }: Partial<ByteTokenizer> & { config?: Record<string, unknown> } = {},
) =>
  withCopy('llama-untied', async (folder) => {
    await writeTokenizer(folder, { tokens: asciiLetters, eos: null, ...tokenizer });
    await changeJson(`${folder}/config.json`, { eos_token_id: null, ...config });
    using model = await loadModel(folder);
    await body(model, await loadTokenizer(folder));
  });

async function textOf(model: CausalModel, tokenizer: Tokenizer, options: GenerateOptions): Promise<string> {
  let text = '';
  for await (const piece of generate(model, tokenizer, options)) text += piece;
  return text;
}

/** The likeliest next ids, each from a full forward pass over all ids before it. */
function greedy(model: CausalModel, prompt: number[], count: number): number[] {
  const ids = [...prompt];
  for (let made = 0; made < count; made++) {
    const logits = tidy(() =>
      model
        .forward(tensor2d(ids, [1, ids.length], 'int32'))
        .dataSync()
        .slice(-96),
    );
    ids.push(logits.indexOf(Math.max(...logits)));
  }
  return ids.slice(prompt.length);
}

describe('generate', () => {
  it.onEachBackend('gives the likeliest tokens of full forward passes, though it keeps keys and values', () =>
    withModel(async (model, tokenizer) => {
      const prompt = 'Call me';
      const text = await textOf(model, tokenizer, { prompt, temperature: 0, maxNewTokens: 20 });
      expect(tokenizer.encode(text)).toEqual(greedy(model, tokenizer.encode(prompt), 20));
    }),
  );

  it.onEachBackend('gives the same text for the same seed, and another for another', () =>
    withModel(async (model, tokenizer) => {
      const texts: string[] = [];
      for (const seed of [1, 1, 2]) texts.push(await textOf(model, tokenizer, { prompt: 'x', maxNewTokens: 16, seed }));
      expect(texts[0]).toBe(texts[1]);
      expect(texts[0]).not.toBe(texts[2]);
      expect(texts[0]).toHaveLength(16);
    }),
  );

  it('ends before a token that ends texts, by its config or by its tokenizer', async () => {
    let ids: number[] = [];
    const options = { prompt: 'Call me', temperature: 0, maxNewTokens: 20 };
    await withModel(async (model, tokenizer) => {
      ids = tokenizer.encode(await textOf(model, tokenizer, options));
    });
    const end = ids[3] as number;
    const before = ids.slice(0, ids.indexOf(end));
    const endsThere = async (model: CausalModel, tokenizer: Tokenizer) =>
      expect(tokenizer.encode(await textOf(model, tokenizer, options))).toEqual(before);
    await withModel(endsThere, { config: { eos_token_id: [95, end] } });
    await withModel(endsThere, { eos: asciiLetters[end - 1] });
  });

  it('ends when the positions are full, and refuses a prompt that leaves none', () =>
    withModel(async (model, tokenizer) => {
      const prompt = 'p'.repeat(60);
      expect(await textOf(model, tokenizer, { prompt, maxNewTokens: 50 })).toHaveLength(4);
      const error = await errorOf(() => textOf(model, tokenizer, { prompt: 'p'.repeat(64) }));
      expect(error).toMatchObject({ code: 'config-invalid', given: 'a prompt of 64 tokens' });
    }));

  it('ends on abort, and frees its cache when its reader stops early', () =>
    withModel(async (model, tokenizer) => {
      const abort = new AbortController();
      const pieces: string[] = [];
      for await (const piece of generate(model, tokenizer, { prompt: 'a', signal: abort.signal })) {
        pieces.push(piece);
        if (pieces.length === 3) abort.abort();
      }
      expect(pieces).toHaveLength(3);
      expect(await textOf(model, tokenizer, { prompt: 'a', signal: abort.signal })).toBe('');
      for await (const _ of generate(model, tokenizer, { prompt: 'a' })) break;
    }));

  it('begins a new text with the token that begins texts, else with the one that ends them', async () => {
    const options = { prompt: '', temperature: 0, maxNewTokens: 8 };
    const startsWith = (id: number) => async (model: CausalModel, tokenizer: Tokenizer) =>
      expect(tokenizer.encode(await textOf(model, tokenizer, options))).toEqual(greedy(model, [id], 8));
    await withModel(startsWith(7), { config: { bos_token_id: 7 } });
    await withModel(startsWith(9), { config: { bos_token_id: null }, eos: asciiLetters[8] });
    const noStart = async (model: CausalModel, tokenizer: Tokenizer) => {
      expect(await errorOf(() => textOf(model, tokenizer, options))).toMatchObject({ given: 'an empty prompt' });
    };
    await withModel(noStart, { config: { bos_token_id: null } });
  });

  it('puts before the prompt what the tokenizer puts before texts', () =>
    withModel(
      async (model, tokenizer) => {
        const text = await textOf(model, tokenizer, { prompt: 'ab', temperature: 0, maxNewTokens: 6 });
        expect(tokenizer.encode(text)).toEqual(greedy(model, [0, ...tokenizer.encode('ab')], 6));
      },
      { startsTexts: true },
    ));

  it('refuses options out of their range, and a prompt of another model', async () => {
    await withModel(async (model, tokenizer) => {
      const wrong: [keyof GenerateOptions, number][] = [
        ['maxNewTokens', 0],
        ['maxNewTokens', 1.5],
        ['temperature', -1],
        ['temperature', NaN],
        ['topK', 0],
        ['topP', 0],
        ['topP', 1.1],
      ];
      for (const [key, value] of wrong) {
        const error = await errorOf(() => textOf(model, tokenizer, { prompt: 'a', [key]: value }));
        expect(error).toMatchObject({ code: 'config-invalid', given: `${key}: ${value}` });
      }
    });
    const other = async (model: CausalModel, tokenizer: Tokenizer) => {
      const error = await errorOf(() => textOf(model, tokenizer, { prompt: 'é' }));
      expect(error).toMatchObject({ code: 'data-invalid', rule: 'the model knows ids 0 to 95' });
    };
    await withModel(other, { tokens: lettersOfBytes() });
  });
});
