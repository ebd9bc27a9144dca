import {
  loraTensorName,
  LowrankError,
  planAdapter,
  type Adapter,
  type AdapterPlan,
  type LoraConfigInput,
  type ModuleInfo,
  type PlannedModule,
  type PlainTensor,
} from '@lowrank/core';
import { assemble } from '../adapter/assemble.js';
import { joinedConfig } from '../adapter/joined-config.js';
import { rankOf, type Update } from '../adapter/update.js';
import { checkSize, type SizeChoice } from '../size-choice.js';
import { leftOutOf, type LeftOut } from './left-out.js';
import { nearestFactors } from './nearest-factors.js';
import { readBoth, tensorNames, type WeightSource } from './weight-source.js';

export type ExtractOptions = SizeChoice &
  Partial<
    Pick<
      LoraConfigInput,
      | 'targetModules'
      | 'excludeModules'
      | 'layersToTransform'
      | 'layersPattern'
      | 'modulesToSave'
      | 'bias'
      | 'taskType'
      | 'baseModelNameOrPath'
    >
  > & {
    /** Is told of each module as it is done. */
    onModule?: ((module: ExtractedModule) => void) | undefined;
    /** Stops between two modules, with its own reason. */
    signal?: AbortSignal | undefined;
  };

export interface ExtractedModule {
  path: string;
  rank: number;
  /** Frobenius norm of the difference, tuned less base. */
  norm: number;
  /** `‖difference - update‖ / ‖difference‖`, the update as its file holds it; 0 where nothing differs. */
  error: number;
}

export interface Extracted {
  adapter: Adapter;
  modules: ExtractedModule[];
  /** What differs and is not in the adapter. */
  leftOut: LeftOut[];
}

/**
 * An adapter that takes a base to a model tuned from it, as near as its rank allows: the truncated SVD of the difference
 * of each target's weights. Modules that `modulesToSave` names and biases that `bias` asks for come along as they are.
 * Weights are read one module at a time. Targets are `all-linear` by default; alpha is the rank.
 *
 * Throws `config-invalid`, and where both models are the same in all targets; `target-not-found`; `config-unsupported` for
 * a target of another kind; `shape-mismatch` where one has another shape in the tuned model; `not-finite`; what a source
 * throws.
 *
 * @see https://arxiv.org/abs/0909.4061 for the SVD of large matrices
 */
export async function extract(base: WeightSource, tuned: WeightSource, options: ExtractOptions): Promise<Extracted> {
  const { rank, energy, onModule, signal, ...config } = options;
  checkSize({ rank, energy });
  const plan = planAdapter({ targetModules: 'all-linear', ...config, rank: 1 }, base.modules);
  checkKinds(plan);
  checkPaths(plan, tuned);
  const [updates, modules]: [Update[], ExtractedModule[]] = [[], []];
  for (const planned of plan.modules) {
    signal?.throwIfAborted();
    const { update, module } = await extractModule(base, tuned, planned, options);
    updates.push(update);
    modules.push(module);
    onModule?.(module);
  }
  checkDiffers(modules, base, tuned);
  const saved = await savedTensors(plan, base, tuned);
  const adapter = assemble({ ...joinedConfig([plan.config], updates), ...savedConfig(plan) }, updates, saved);
  return { adapter, modules, leftOut: await leftOutOf(base, tuned, new Set(adapter.tensors.keys()), signal) };
}

async function extractModule(base: WeightSource, tuned: WeightSource, { path, kind }: PlannedModule, size: SizeChoice) {
  const info = base.modules.find((module) => module.path === path) as ModuleInfo;
  const [before, after] = await readBoth(base, tuned, `${path}.weight`);
  const [rows, columns] = before.shape as [number, number];
  const data = Float64Array.from(after.data, (value, index) => value - (before.data[index] as number));
  const { left, right, norm, error } = nearestFactors({ rows, columns, data }, size);
  // Files have a linear's weight as `[out, in]`: on its side its factors change places.
  const turned = kind === 'linear' && info.fanInFanOut !== true;
  const factors = turned ? { left: right, right: left } : { left, right };
  const sides = { before: [factors.left.columns], ones: [] };
  const update: Update = { path, kind: kind as Update['kind'], ...factors, scaling: 1, sides };
  return { update, module: { path, rank: rankOf(update), norm, error } };
}

/** Under canonical names, as the files have them. */
async function savedTensors(
  { extras }: AdapterPlan,
  base: WeightSource,
  tuned: WeightSource,
): Promise<Map<string, PlainTensor>> {
  const saved = new Map<string, PlainTensor>();
  for (const { path, trains } of extras) {
    const info = base.modules.find((module) => module.path === path) as ModuleInfo;
    const names = trains === 'bias' ? [loraTensorName(path, 'bias')] : tensorNames(info);
    for (const name of names) saved.set(name, (await readBoth(base, tuned, name))[1]);
  }
  return saved;
}

function savedConfig({ config: { modulesToSave, bias } }: AdapterPlan) {
  return { modulesToSave, bias };
}

function checkKinds({ modules }: AdapterPlan): void {
  const other = modules.find(({ kind }) => kind !== 'linear' && kind !== 'embedding');
  if (!other) return;
  throw new LowrankError('config-unsupported', {
    given: `target "${other.path}"`,
    rule: `updates of linears and embeddings are extracted, and this module is of kind "${other.kind}"`,
    fix: 'leave it out of targetModules, or name it in modulesToSave to bring it whole',
  });
}

function checkPaths({ modules, extras }: AdapterPlan, tuned: WeightSource): void {
  const paths = new Set(tuned.modules.map(({ path }) => path));
  const missing = [...modules, ...extras].find(({ path }) => !paths.has(path));
  if (!missing) return;
  throw new LowrankError('shape-mismatch', {
    given: `"${missing.path}", which ${tuned.name} does not have`,
    rule: 'an update is the difference of two models of one architecture',
    fix: 'give the model that the other one was tuned from',
  });
}

function checkDiffers(modules: ExtractedModule[], base: WeightSource, tuned: WeightSource): void {
  if (modules.some(({ norm }) => norm > 0)) return;
  throw new LowrankError('config-invalid', {
    given: `${base.name} and ${tuned.name}`,
    rule: 'they are the same in every target, so there is nothing to extract',
    fix: 'give a tuned model, or other targets',
  });
}
