import { activationMoments, initialFactors, planAdapter, type InitialFactorsOptions } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import { LoraManager } from '@lowrank/manager';
import { loadModel, openModelWeights, saveModel } from '@lowrank/models';
import { train } from '@lowrank/trainer';
import { hasTiedHead, type Base } from './base.js';
import { difference, tensorsOf } from './difference.js';
import { inputsOf, type Inputs } from './inputs.js';
import { modelOf, type Model } from './model.js';
import type { OtherCase } from './other-cases.js';
import type { Session } from './session.js';
import { inits } from './started.js';
import { targetsOf } from './targets.js';

/** We start an adapter each way and train it, and PEFT loads what we save. */
export function startWriteCases(base: Base): OtherCase[] {
  const loftq = base.head === 'causal' && !hasTiedHead(base) ? ['loftq'] : [];
  return [...inits, ...loftq].map((init) => ({
    group: 'start-write',
    name: `${base.name}/${init}`,
    check: (session) => check(session, base, init),
  }));
}

async function check(session: Session, base: Base, init: string): Promise<number> {
  const { head } = base;
  const [folder, out, inputs] = [session.path('started'), session.path('outputs.safetensors'), inputsOf(base)];
  const from = await session.folderOf(base);
  const packed = init === 'loftq' ? await packedOf(session, from) : undefined;
  const model = packed?.model ?? (await session.modelOf(base));
  try {
    using manager = new LoraManager(model.host);
    await started(manager, model, { base, init, inputs, from });
    const ours = await session.read(model.output(inputs));
    await writePeft(folder, await manager.adapter('ours'));
    await session.python.ask('load-adapter', { base: packed?.folder ?? from, head, folder, inputs, out });
    return difference(ours, (await tensorsOf(out)).get('output')!.data);
  } finally {
    packed?.model.dispose();
  }
}

/** A base in 4 bits, and a folder with the values that these stand for, which PEFT reads. */
async function packedOf(session: Session, from: string): Promise<{ model: Model; folder: string }> {
  const host = await loadModel(from, { quantise: 'nf4' });
  const folder = session.path('unpacked');
  await saveModel(host, { from, to: folder });
  host.dispose();
  return { model: await modelOf(from, 'causal', 'nf4'), folder };
}

interface Start {
  base: Base;
  init: string;
  inputs: Inputs;
  /** The base's folder. */
  from: string;
}

async function started(manager: LoraManager, model: Model, { base, init, inputs, from }: Start): Promise<void> {
  const { host } = model;
  const config = { rank: 4, alpha: 6, targetModules: targetsOf(base).two, init: init as 'pissa' };
  const plan = planAdapter(config, host.modules());
  const paths = plan.modules.map(({ path }) => path);
  const needs: InitialFactorsOptions = {};
  if (init === 'eva') {
    const forward = (given: Inputs) => model.output(given);
    needs.moments = await activationMoments(host, { paths, batches: [inputs], forward });
  }
  const weights = init === 'loftq' ? await openModelWeights(from) : undefined;
  if (weights) needs.dense = (path) => weights.linear(path);
  manager.add('ours', plan, { start: await initialFactors(plan, host, needs) });
  await weights?.close();
  const run = train({
    parameters: manager.parameters('ours'),
    loss: () => model.loss(inputs),
    batches: { at: () => inputs, weight: () => 1, batchesPerEpoch: 1 },
    steps: 3,
    learningRate: 1e-2,
  });
  for await (const _ of run);
}
