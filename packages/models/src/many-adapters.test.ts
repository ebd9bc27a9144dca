import { readPeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { generate, loadModel, loadTokenizer, type CausalModel } from '@lowrank/models';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import type { ForwardContext } from '@lowrank/core';
import { tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { asciiLetters, writeTokenizer } from '../test/byte-tokenizer.js';
import { goldenFolder, idsTensor } from '../test/golden.js';
import { changeJson, withCopy } from '../test/scratch.js';
import { tensorsOf } from '../test/tensors-of.js';

const folder = goldenFolder('many-adapters');
const names = ['plain', 'stable', 'dora', 'tables'];
const expected = await tensorsOf(`${folder}/expected.safetensors`);
const { input_ids: ids, adapter_names: rowNames } = JSON.parse(await readFile(`${folder}/expected.json`, 'utf8'));
const rows = (rowNames as string[]).map((name) => (name === '__base__' ? undefined : name));
const close = { atol: 1e-5, because: 'two layers of float32 sums in another order than torch' };

async function withAdapters(body: (model: CausalModel, manager: LoraManager) => Promise<void>, from?: string) {
  using model = await loadModel(from ?? goldenFolder('llama-untied'));
  using manager = new LoraManager(model);
  for (const name of names) manager.add(name, await readPeft(`${folder}/${name}`));
  await body(model, manager);
}

describe("many adapters on one model, to peft's numbers", () => {
  it.onEachBackend('several at once, scaled, merged, disabled, and one for each row', () =>
    withAdapters(async (model, manager) => {
      const expectLogits = (key: string, context?: ForwardContext) => {
        const output = tidy(() => model.forward(idsTensor(ids), context));
        expectClose(output, expected.get(key)!.data, { ...close, because: `${key}: ${close.because}` });
        output.dispose();
      };
      for (const name of names) {
        manager.activate(name);
        expectLogits(`alone/${name}`);
      }
      manager.activate(['tables', 'stable', 'plain']);
      expectLogits('sum');
      manager.scale('plain', 0.5);
      manager.scale('stable', -1.5);
      expectLogits('scaled');
      await manager.merge();
      expectLogits('merged');
      expectLogits('scaled');
      expectLogits('disabled', manager.forRows([undefined, undefined, undefined, undefined]));
      manager.activate('dora');
      manager.scale('dora', 0.25);
      expectLogits('dora-scaled');
      for (const name of names) manager.scale(name, 1);
      manager.activate({ plain: 0.5, stable: -1.5, tables: 1 });
      expectLogits('scaled');
      expectLogits('rows', manager.forRows(rows));
      using _ = manager.disabled();
      expectLogits('disabled');
      expectLogits('rows', manager.forRows(rows));
    }),
  );
});

describe('texts that are generated at the same time', () => {
  it.onEachBackend('go through the adapter of each, whatever is active', () =>
    withCopy('llama-untied', async (from) => {
      await writeTokenizer(from, { tokens: asciiLetters, eos: null });
      await changeJson(`${from}/config.json`, { eos_token_id: null });
      const tokenizer = await loadTokenizer(from);
      await withAdapters(async (model, manager) => {
        const choices = [...names, undefined];
        const text = async (context?: ForwardContext) => {
          let text = '';
          const options = { prompt: 'Call me', temperature: 0, maxNewTokens: 16, ...(context ? { context } : {}) };
          for await (const piece of generate(model, tokenizer, options)) text += piece;
          return text;
        };
        const alone: string[] = [];
        for (const name of choices) {
          manager.activate(name);
          alone.push(await text());
        }
        manager.activate('dora');
        expect(await Promise.all(choices.map((name) => text(manager.forRows([name]))))).toEqual(alone);
        expect(new Set(alone).size).toBeGreaterThan(3);
      }, from);
    }),
  );
});
