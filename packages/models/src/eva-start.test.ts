import {
  activationMoments,
  evaRanks,
  initialFactors,
  planAdapter,
  principalComponents,
  type ActivationMoments,
  type PlainTensor,
} from '@lowrank/core';
import { LoraManager } from '@lowrank/manager';
import { loadModel } from '@lowrank/models';
import { describe, errorOf, expect, expectClose, it } from '@lowrank/testing';
import { tidy } from '@tensorflow/tfjs-core';
import { readFile } from 'node:fs/promises';
import { goldenFolder, idsTensor } from '../test/golden.js';
import { tensorsOf } from '../test/tensors-of.js';

const theirs = await tensorsOf(goldenFolder('lora-start/eva.safetensors'));
const {
  input_ids: ids,
  rank,
  rho,
  ranks,
  targets,
} = JSON.parse(await readFile(goldenFolder('lora-start/eva.json'), 'utf8'));

async function setUp() {
  const model = await loadModel(goldenFolder('llama-untied'));
  const plan = planAdapter({ rank, alpha: 8, targetModules: targets, init: 'eva' }, model.modules());
  const paths = plan.modules.map(({ path }) => path);
  const moments = await activationMoments(model, {
    paths,
    batches: [ids as number[][], ids as number[][]],
    forward: (batch) => model.forward(idsTensor(batch)),
  });
  return { model, plan, moments };
}

describe("EVA's start", () => {
  it.onEachBackend("has PEFT's directions, and the shares of the variance that it finds", async () => {
    const { model, plan, moments } = await setUp();
    using _ = model;
    const start = await initialFactors(plan, model, { moments });
    for (const { path } of plan.modules) {
      const { a, b, shifts } = start.get(path)!;
      expect([shifts, b.every((value) => value === 0)]).toEqual([false, true]);
      const directions = theirs.get(`directions/${path}`)!;
      for (let column = 0; column < Math.min(rank, directions.shape[0]!); column++) {
        expect(Math.abs(alongside(directions, column, a)), `${path}, ${column}`).toBeCloseTo(1, 4);
      }
      const shares = theirs.get(`shares/${path}`);
      if (!shares) continue; // PEFT keeps those of equal inputs once
      expectClose(sharesOf(moments.get(path)!, shares.data.length), shares.data, {
        atol: 1e-5,
        because: 'moments of up to 20 in float32, less their mean',
      });
    }
  });

  it.onEachBackend("hands out PEFT's ranks, but which of two modules with equal inputs gets more", async () => {
    const { model, plan, moments } = await setUp();
    using _ = model;
    const ours = evaRanks(plan, moments, { rho });
    const pairs = (of: (path: string) => number | undefined) =>
      [0, 1].flatMap((layer) => {
        const at = (name: string) => of(`model.layers.${layer}.${name}`) ?? NaN;
        const query = at('self_attn.q_proj') + at('self_attn.k_proj');
        return [query, ...['self_attn.o_proj', 'mlp.gate_proj', 'mlp.down_proj'].map(at)];
      });
    expect(pairs((path) => ours.get(path))).toEqual(pairs((path) => ranks[path]));
    expect([...ours.values()].reduce((sum, value) => sum + value, 0)).toBe(rank * plan.modules.length);
    const same = evaRanks(plan, moments, { rho: 1 });
    expect(new Set(same.values())).toEqual(new Set([rank]));
    expect((await errorOf(() => evaRanks(plan, moments, { rho: 0.5 }))).given).toBe('rho: 0.5');
    expect((await errorOf(() => evaRanks(plan, new Map()))).code).toBe('config-invalid');
  });

  it.onEachBackend('starts as the base does, and comes out as plain LoRA', async () => {
    const { model, plan, moments } = await setUp();
    using _ = model;
    using manager = new LoraManager(model);
    const logits = () => tidy(() => model.forward(idsTensor(ids)).dataSync().slice());
    const base = logits();
    manager.add('eva', plan, { start: await initialFactors(plan, model, { moments }) });
    expect(logits()).toEqual(base);
    const adapter = await manager.adapter('eva');
    expect(adapter.config).toMatchObject({ init: 'kaiming', rank });
    manager.add('again', adapter);
    const [path] = plan.modules.map((module) => module.path);
    const error = await errorOf(() => initialFactors(plan, model, { moments: new Map() }));
    expect(error).toMatchObject({ code: 'config-invalid', given: `init "eva" for "${path}"` });
  });
});

/** The product of two unit vectors: a row of PEFT's `[rank, in]` and a column of our `[in, rank]`. */
function alongside({ shape, data }: PlainTensor, at: number, a: Float32Array): number {
  const size = shape[1]!;
  return a.reduce((sum, value, index) => {
    return index % rank === at ? sum + value * data[at * size + Math.floor(index / rank)]! : sum;
  }, 0);
}

function sharesOf(moments: ActivationMoments, count: number): number[] {
  const { variances, total } = principalComponents(moments, count);
  return variances.map((variance) => variance / total);
}
