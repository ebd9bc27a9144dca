import { initialFactors, planAdapter, useBackend, type LoraConfigInput } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { causalLoss, loadModel } from '@lowrank/models';
import { cpu, describe, expect, it, withFolder } from '@lowrank/testing';
import { train } from '@lowrank/trainer';
import { tensor2d, tidy, type Tensor2D } from '@tensorflow/tfjs-core';
import { golden, worst } from './goldens.js';
import { hasPackage, runPython } from './python.js';

const ids = [
  [3, 17, 22, 5, 30, 11, 9, 26],
  [12, 20, 2, 14, 28, 31, 6, 7],
];
const batch = {
  ids: Int32Array.from(ids.flat()),
  targets: Int32Array.from(ids.flatMap((row) => [...row.slice(1), -100])),
  batch: 2,
  seq: 8,
};

/** Logits are up to 6: float32 in two frameworks, each with its own order of sums. */
const tolerance = 1e-4;

const cases: [string, string, Omit<LoraConfigInput, 'rank' | 'alpha'>][] = [
  ['pissa with patterns', 'llama-untied', { init: 'pissa', targetModules: 'all-linear', rankPattern: { v_proj: 2 } }],
  ['olora with rsLoRA and patterns', 'llama-untied', rslora()],
  [
    'pissa_niter_4 with DoRA on Conv1D',
    'families/gpt2',
    { init: 'pissa_niter_4', targetModules: ['c_attn'], useDora: true },
  ],
  ['orthogonal', 'llama-untied', { init: 'orthogonal', targetModules: ['q_proj', 'down_proj'] }],
];

describe('PEFT gives the plain base our logits, with an adapter that was trained here', () => {
  for (const [name, base, config] of cases) {
    it.runIf(hasPackage('peft'))(
      `from ${name}`,
      () =>
        withFolder(async (folder) => {
          const ours = await trained(golden(base), { rank: 4, alpha: 6, ...config }, folder);
          const logits = await runPython('adapter_logits.py', 'peft', golden(base), folder, JSON.stringify(ids));
          expect(worst((logits as number[][][]).flat(2), ours)).toBeLessThan(tolerance);
        }),
      60_000,
    );
  }
});

function rslora(): (typeof cases)[number][2] {
  const patterns = { rankPattern: { q_proj: 2 }, alphaPattern: { down_proj: 9 } };
  return { init: 'olora', targetModules: ['q_proj', 'v_proj', 'down_proj'], useRslora: true, ...patterns };
}

/** Trains until it matters, writes the adapter to `folder`, and gives the logits. */
async function trained(base: string, config: LoraConfigInput, folder: string): Promise<Float32Array> {
  await useBackend(cpu());
  using model = await loadModel(base);
  using manager = new LoraManager(model);
  const logits = () => {
    let values = new Float32Array();
    tidy(() => {
      values = Float32Array.from(model.forward(tensor2d(ids, undefined, 'int32') as Tensor2D).dataSync());
    });
    return values;
  };
  const before = logits();
  const plan = planAdapter(config, model.modules());
  manager.add('adapter', plan, { start: await initialFactors(plan, model) });
  const run = train({
    parameters: manager.parameters('adapter'),
    loss: () => causalLoss(model, batch),
    batches: { at: () => batch, weight: () => 14, batchesPerEpoch: 1 },
    steps: 6,
    learningRate: 2e-2,
  });
  for await (const _ of run);
  const after = logits();
  expect(worst(after, before)).toBeGreaterThan(0.1);
  await writePeft(folder, await manager.adapter('adapter'));
  return after;
}
