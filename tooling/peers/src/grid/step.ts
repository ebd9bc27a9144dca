import type { Adapter, PlainTensor } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import type { LoraManager } from '@lowrank/manager';
import { train } from '@lowrank/trainer';
import { dispose, variableGrads } from '@tensorflow/tfjs-core';
import { difference, largest, tensorsOf, type Values } from './difference.js';
import { update, type Made } from './made.js';
import type { Session } from './session.js';

/** Gradients, then the weights that one update of `train` leaves: the largest relative difference to PyTorch's. */
export async function stepDifference(
  session: Session,
  made: Made,
  manager: LoraManager,
  { config }: Adapter,
): Promise<number> {
  const gradients = await inPeftsLayout(session, { config, tensors: await gradientsOf(made, manager) });
  const theirs = named(made, 'gradient/');
  const scale = 1e-3 * Math.max(...Array.from(theirs.values(), ({ data }) => largest(data)));
  const slopes = worst(gradients, theirs, scale);
  await stepped(made, manager);
  return Math.max(slopes, worst(await inPeftsLayout(session, await manager.adapter('peft')), named(made, 'updated/')));
}

async function gradientsOf({ model, inputs }: Made, manager: LoraManager): Promise<Map<string, PlainTensor>> {
  const parameters = manager.parameters('peft');
  const { value, grads } = variableGrads(
    () => model.loss(inputs),
    parameters.map(({ variable }) => variable),
  );
  const tensors = new Map<string, PlainTensor>();
  for (const { name, variable } of parameters) {
    const gradient = grads[variable.name];
    const data = gradient ? Float32Array.from(await gradient.data()) : new Float32Array(variable.size);
    tensors.set(name, { shape: variable.shape, data });
  }
  dispose([value, grads]);
  return tensors;
}

async function stepped({ model, inputs }: Made, manager: LoraManager): Promise<void> {
  const run = train({
    parameters: manager.parameters('peft'),
    loss: () => model.loss(inputs),
    batches: { at: () => inputs, weight: () => 1, batchesPerEpoch: 1 },
    steps: 1,
    warmupSteps: 0,
    learningRate: update.lr,
    epsilon: update.eps,
    weightDecay: update.weight_decay,
    clipNorm: 0,
  });
  for await (const _ of run);
}

/** An adapter's tensors, whatever they stand for, as PEFT's file names and shapes them. */
async function inPeftsLayout(session: Session, adapter: Adapter): Promise<Map<string, Values>> {
  const folder = session.path('tensors');
  await writePeft(folder, adapter);
  const tensors = await tensorsOf(`${folder}/adapter_model.safetensors`);
  return new Map(Array.from(tensors, ([name, values]) => [name.replace('base_model.model.', ''), values]));
}

function named({ expected }: Made, prefix: string): Map<string, Values> {
  const entries = [...expected].filter(([name]) => name.startsWith(prefix));
  return new Map(entries.map(([name, values]) => [name.slice(prefix.length).replace('base_model.model.', ''), values]));
}

function worst(ours: Map<string, Values>, theirs: Map<string, Values>, scale = 0): number {
  const stray = [...theirs.keys()].find((name) => !ours.has(name));
  if (stray !== undefined) throw new Error(`PEFT trains "${stray}", and lowrank does not`);
  return Math.max(...Array.from(theirs, ([name, { data }]) => difference(ours.get(name)!.data, data, scale)));
}
