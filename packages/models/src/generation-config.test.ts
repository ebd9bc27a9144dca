import { generate, loadModel, loadTokenizer, type CausalModel, type Tokenizer } from '@lowrank/models';
import { describe, errorOf, expect, it } from '@lowrank/testing';
import { writeFile } from 'node:fs/promises';
import { asciiLetters, writeTokenizer } from '../test/byte-tokenizer.js';
import { changeJson, withCopy } from '../test/scratch.js';

/** The golden model, with a stop of its config and what `generation_config.json` holds. */
const withStops = (
  own: unknown,
  generation: object | undefined,
  body: (folder: string) => Promise<void>,
): Promise<void> =>
  withCopy('llama-untied', async (folder) => {
    await writeTokenizer(folder, { tokens: asciiLetters, eos: null });
    await changeJson(`${folder}/config.json`, { eos_token_id: own });
    if (generation) await writeFile(`${folder}/generation_config.json`, JSON.stringify(generation));
    await body(folder);
  });

async function written(model: CausalModel, tokenizer: Tokenizer): Promise<number[]> {
  let text = '';
  const options = { prompt: 'Call me', temperature: 0, maxNewTokens: 20 };
  for await (const piece of generate(model, tokenizer, options)) text += piece;
  return tokenizer.encode(text);
}

const idsOf = async (folder: string) => {
  using model = await loadModel(folder);
  return await written(model, await loadTokenizer(folder));
};

describe('generation_config.json', () => {
  it('says which tokens end a text, in the place of config.json', async () => {
    let whole: number[] = [];
    const unheeded = { eos_token_id: [] };
    await withStops(null, unheeded, async (folder) => void (whole = await idsOf(folder)));
    expect(whole).toHaveLength(20);
    const [early, late] = [whole[3]!, whole.find((id, at) => at > 3 && whole.indexOf(id) === at)!];
    const upTo = (id: number) => whole.slice(0, whole.indexOf(id));
    await withStops([late], { eos_token_id: [95, early] }, async (folder) => {
      using model = await loadModel(folder);
      expect(model.config.eosTokenIds).toEqual([95, early]);
      expect(await written(model, await loadTokenizer(folder))).toEqual(upTo(early));
    });
    await withStops(early, { eos_token_id: late }, async (folder) => expect(await idsOf(folder)).toEqual(upTo(late)));
    // Where it says nothing config.json does.
    await withStops(early, { temperature: 0.6 }, async (folder) => expect(await idsOf(folder)).toEqual(upTo(early)));
  });

  it('is refused by name for what is no token', () =>
    withStops(null, { eos_token_id: ['</s>'] }, async (folder) => {
      expect(await errorOf(() => loadModel(folder))).toMatchObject({
        code: 'file-invalid',
        given: expect.stringContaining('generation_config.json: "eos_token_id"'),
      });
    }));
});
