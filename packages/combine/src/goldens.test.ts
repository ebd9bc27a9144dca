import { patternValue, type Adapter, type PlainTensor } from '@lowrank/core';
import { combine, type CombineKind, type CombineOptions, type MajoritySign } from '@lowrank/combine';
import { fileSource, openSafetensors, readPeft, transposed } from '@lowrank/formats';
import { describe, expect, expectClose, it } from '@lowrank/testing';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { updatesOf } from '../test/updates.js';
import { readParts } from './adapter/read-parts.js';
import { combineModule } from './kinds/combine-module.js';
import type { Mask } from './kinds/random-mask.js';
import { recipeOf } from './kinds/recipe.js';
import { turned } from './matrix/matrix.js';
import { product } from './matrix/product.js';

interface Case {
  adapters: string[];
  weights: number[];
  combination_type: CombineKind;
  density?: number;
  majority_sign_method?: MajoritySign;
  svd_rank?: number;
}

const folder = fileURLToPath(new URL('../../../tooling/goldens/data/combine/', import.meta.url));
const cases = JSON.parse(await readFile(`${folder}cases.json`, 'utf8')) as Record<string, Case>;
const names = [...new Set(Object.values(cases).flatMap(({ adapters }) => adapters))];
const adapters = new Map<string, Adapter>();
for (const name of names) adapters.set(name, await readPeft(folder + name));
const expected = await openSafetensors(await fileSource(`${folder}expected.safetensors`));
const values = new Map<string, Float32Array>();
const masks = new Map<string, PlainTensor>();
for (const name of expected.tensors.keys()) {
  const tensor = await expected.read(name);
  if (name.includes('/mask')) masks.set(name, tensor);
  values.set(name, (/\.[qv]$/.test(name) ? transposed(tensor) : tensor).data);
}
await expected.close();

describe('a combination is what PEFT makes of the same adapters', () => {
  for (const [name, given] of Object.entries(cases)) {
    if (name.startsWith('dare') || name === 'cat-rslora') continue;
    it(name, () => {
      const combined = combine(weighted(given), optionsOf(given));
      const updates = updatesOf(combined);
      expect([...updates.keys()].sort()).toEqual(pathsOf(name));
      for (const [path, update] of updates) {
        expectClose(update, values.get(`${name}/${path}`)!, { atol: 2e-5, because: 'PEFT computes in float32' });
      }
    });
  }

  it('but for rsLoRA, whose root of the rank PEFT leaves in the scaling of the result', () => {
    const given = cases['cat-rslora']!;
    const combined = combine(weighted(given), optionsOf(given));
    expect(combined.config.useRslora).toBe(false);
    const newRank = 4 + 3;
    for (const [path, update] of updatesOf(combined)) {
      const theirs = values.get(`cat-rslora/${path}`)!.map((value) => value / Math.sqrt(newRank));
      expectClose(update, theirs, { atol: 2e-5, because: 'PEFT computes in float32' });
    }
  });
});

describe('dare with the values dropped that PEFT dropped is what PEFT makes', () => {
  for (const [name, given] of Object.entries(cases)) {
    if (!name.startsWith('dare')) continue;
    it(name, () => {
      const recipe = { ...recipeOf(optionsOf(given)), mask: drawnByPeft(name, given) };
      const parts = weighted(given).map((each) => ({ ...each, ...readParts(each.name, each.adapter) }));
      for (const path of pathsOf(name)) {
        const terms = parts.flatMap(({ updates, weight }, place) => {
          const update = updates.get(path);
          return update ? [{ update, weight, place, given: '' }] : [];
        });
        const update = combineModule(terms, recipe, 3);
        const formed = product(turned(update.left), update.right).data.map((value) => value * update.scaling);
        expectClose(formed, values.get(`${name}/${path}`)!, { atol: 2e-5, because: 'PEFT computes in float32' });
      }
    });
  }
});

it('a result says the rank of each module', () => {
  const given = cases['cat-unequal']!;
  const { config, tensors } = combine(weighted(given), optionsOf(given));
  for (const [name, { shape }] of tensors) {
    const match = /^(.+)\.(lora_A\.weight|lora_embedding_A)$/.exec(name);
    if (match) expect(patternValue(config.rankPattern, match[1]!) ?? config.rank).toBe(shape[1]);
  }
});

function weighted({ adapters: given, weights }: Case) {
  return given.map((name, at) => ({ adapter: adapters.get(name)!, weight: weights[at]!, name }));
}

/** PEFT's masks lie as its tensors do: of A `[rank, in]`, of B `[out, rank]`, of a linear's update `[out, in]`. */
function drawnByPeft(name: string, { adapters: given }: Case): Mask {
  return (tensor, place) => {
    const at = tensor.lastIndexOf('/');
    const [path, part] = [tensor.slice(0, at), tensor.slice(at + 1)];
    const having = given.filter((one) =>
      [...adapters.get(one)!.tensors.keys()].some((key) => key.startsWith(`${path}.`)),
    );
    const which = having.indexOf(given[place]!) + (part === 'right' ? having.length : 0);
    const mask = masks.get(`${name}/${path}/mask${which}`)!;
    const turns = part === 'right' || (part === 'update' && path !== 'table' && path !== 'turned');
    return turns ? transposed(mask).data : mask.data;
  };
}

function optionsOf(given: Case): CombineOptions {
  return {
    kind: given.combination_type,
    density: given.density,
    majoritySign: given.majority_sign_method,
    rank: given.svd_rank,
  };
}

function pathsOf(name: string): string[] {
  const own = [...values.keys()].filter((key) => key.startsWith(`${name}/`) && !key.includes('/mask'));
  return own.map((key) => key.slice(name.length + 1)).sort();
}
