import type { Adapter, PlainTensor } from '@lowrank/core';
import { writePeft } from '@lowrank/formats';
import type { LoraManager } from '@lowrank/manager';
import { train, type TrainOptions } from '@lowrank/trainer';
import { dispose, variableGrads } from '@tensorflow/tfjs-core';
import { difference, largest, tensorsOf, type Values } from './difference.js';
import type { Inputs } from './inputs.js';
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
  const scale = 1e-2 * Math.max(...Array.from(theirs.values(), ({ data }) => largest(data)));
  const slopes = worst(gradients, theirs, scale);
  return Math.max(slopes, await updateDifference(session, made, manager, {}));
}

/** The weights that one update of `train` leaves: the largest relative difference to PyTorch's. */
export async function updateDifference(
  session: Session,
  made: Made,
  manager: LoraManager,
  options: UpdateOptions,
): Promise<number> {
  await stepped(made, manager, options);
  return worst(await inPeftsLayout(session, await manager.adapter('peft')), named(made, 'updated/'));
}

/** By which an update is not that of AdamW. */
export type UpdateOptions = Pick<TrainOptions<Inputs>, 'loraPlusRatio' | 'loraFa' | 'weightDecay'>;

async function gradientsOf({ model, inputs }: Made, manager: LoraManager): Promise<Map<string, PlainTensor>> {
  const parameters = manager.parameters('peft');
  const { value, grads } = variableGrads(
    () => model.loss(inputs),
    parameters.map(({ variable }) => variable),
  );
  const tensors = new Map<string, PlainTensor>();
  const infos = model.host.modules();
  const linears = new Set(infos.flatMap((info) => (info.kind === 'linear' && !info.fanInFanOut ? [info.path] : [])));
  for (const { name, path, role, variable } of parameters) {
    const gradient = grads[variable.name];
    const shape = variable.shape;
    const data = gradient ? Float32Array.from(await gradient.data()) : new Float32Array(variable.size);
    // An Adapter has the weight of a linear that is saved whole as the base's file has it.
    tensors.set(name, role === 'weight' && linears.has(path) ? turned(shape, data) : { shape, data });
  }
  dispose([value, grads]);
  return tensors;
}

function turned([rows = 0, columns = 0]: number[], data: Float32Array): PlainTensor {
  const at = (index: number) => data[(index % rows) * columns + Math.floor(index / rows)]!;
  return { shape: [columns, rows], data: Float32Array.from(data, (_, index) => at(index)) };
}

async function stepped({ model, inputs }: Made, manager: LoraManager, options: UpdateOptions): Promise<void> {
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
    ...options,
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
