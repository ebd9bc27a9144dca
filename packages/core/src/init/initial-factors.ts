import { tensor2d, type Tensor2D } from '@tensorflow/tfjs-core';
import type { ActivationMoments } from '../activations/activation-moments.js';
import type { PlainTensor } from '../adapter/adapter.js';
import type { FrozenWeight } from '../backend/kernels.js';
import type { FrozenModule } from '../host/frozen-module.js';
import type { Host, HostModule } from '../host/host.js';
import { requireShape } from '../ops/require-shape.js';
import type { AdapterPlan, PlannedModule } from '../plan/adapter-plan.js';
import { BlockWeight } from '../quant/block-weight.js';
import { denseWeight } from '../quant/dense-weight.js';
import { deriveSeed } from '../random/derive-seed.js';
import { checkCanStart } from './check-can-start.js';
import type { Factors } from './drawn-factors.js';
import { eva } from './eva.js';
import { loftq } from './loftq.js';
import { isComputed, isShifted, iterationsOf, type ComputedInit, type ShiftedInit } from './lora-init.js';
import { olora } from './olora.js';
import { fastPissa, pissa, randomStart } from './pissa.js';

/** What the factors of a module start as, where that is computed. */
export interface InitialFactors extends Factors {
  /** The module adds only what has changed since: `scaling · (A B - A₀ B₀)`, see `ShiftedLora`. */
  shifts: boolean;
}

export interface InitialFactorsOptions {
  /** Decides what `pissa_niter_N` starts from. Default 0. */
  seed?: number;
  /** What `loftq` needs: a module's weight from before it was packed, `[in, out]`. Asked for one at a time. */
  dense?: (path: string) => Promise<PlainTensor>;
  /** What `eva` needs: the inputs' moments by path, see `activationMoments`. */
  moments?: ReadonlyMap<string, ActivationMoments>;
  /** Called after each module. */
  onProgress?: (progress: { done: number; total: number; path: string }) => void;
}

/**
 * The start of each module of a plan whose config's `init` is computed, by path, to give to
 * `manager.add(name, plan, { start })`. Empty for an `init` that is drawn. A packed weight is unpacked, one at a time.
 *
 * @param host its modules may be adapted already; the frozen ones below are read, nothing is written
 * @throws `config-invalid` without what the init needs, `config-unsupported` for a module whose factors cannot start so,
 *   both before anything is computed; `shape-mismatch` for a dense weight of another shape; `not-finite` for a weight or inputs that are not
 */
export async function initialFactors(
  { config: { init }, modules }: AdapterPlan,
  host: Pick<Host, 'get'>,
  { seed = 0, onProgress, ...from }: InitialFactorsOptions = {},
): Promise<Map<string, InitialFactors>> {
  const start = new Map<string, InitialFactors>();
  if (!isComputed(init)) return start;
  const weightOf = (path: string) => frozen(host.get(path)).weight as FrozenWeight;
  for (const module of modules)
    checkCanStart(module, { init, packed: () => weightOf(module.path) instanceof BlockWeight, ...from });
  for (const module of modules) {
    const { path } = module;
    const factors = await factorsOf(module, init, { weight: weightOf(path), seed: deriveSeed(seed, path), ...from });
    start.set(path, { ...factors, shifts: isShifted(init) });
    onProgress?.({ done: start.size, total: modules.length, path });
  }
  return start;
}

interface Sources extends Pick<InitialFactorsOptions, 'dense' | 'moments'> {
  weight: FrozenWeight;
  seed: number;
}

async function factorsOf(module: PlannedModule, init: ComputedInit, sources: Sources): Promise<Factors> {
  const { path } = module;
  if (init === 'eva') return eva(sources.moments!.get(path)!, module);
  const weight = init === 'loftq' ? await unpacked(module, sources) : denseWeight(sources.weight);
  try {
    if (init === 'loftq') return await loftq(weight, sources.weight as BlockWeight, module);
    return await shiftedFactors(weight, init, module, sources.seed);
  } finally {
    weight.dispose();
  }
}

async function unpacked({ path, in: from, out }: PlannedModule, { dense }: Sources): Promise<Tensor2D> {
  const given = await dense!(path);
  requireShape('initialFactors', `dense("${path}")`, given, [from, out]);
  return tensor2d(given.data, [from, out]);
}

function shiftedFactors(weight: Tensor2D, init: ShiftedInit, { rank, scaling }: PlannedModule, seed: number) {
  if (init === 'olora') return olora(weight, { rank });
  const iterations = iterationsOf(init);
  if (iterations === undefined) return pissa(weight, { rank, scaling });
  return fastPissa(weight, { rank, scaling, iterations, start: randomStart(weight.shape, rank, seed) });
}

/** The module below an adapter, which has it as `base`. */
function frozen(module: HostModule & { base?: HostModule }): FrozenModule {
  return (module.base ?? module) as FrozenModule;
}
