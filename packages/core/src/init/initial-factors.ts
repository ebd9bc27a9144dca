import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { FrozenWeight } from '../backend/kernels.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { FrozenModule } from '../host/frozen-module.js';
import type { Host, HostModule } from '../host/host.js';
import type { AdapterPlan, PlannedModule } from '../plan/adapter-plan.js';
import { denseWeight } from '../quant/dense-weight.js';
import { deriveSeed } from '../random/derive-seed.js';
import type { Factors } from './drawn-factors.js';
import { isComputed, iterationsOf, type LoraInit } from './lora-init.js';
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
  /** Called after each module. */
  onProgress?: (progress: { done: number; total: number; path: string }) => void;
}

/**
 * The start of each module of a plan whose config's `init` is computed from the base's weights, by path, to give to
 * `manager.add(name, plan, { start })`. Empty for an `init` that is drawn. A packed weight is unpacked, one at a time.
 *
 * @param host its modules may be adapted already; the frozen ones below are read, nothing is written
 * @throws `config-unsupported` for a module whose factors cannot start so, before anything is computed
 */
export async function initialFactors(
  { config: { init }, modules }: AdapterPlan,
  host: Pick<Host, 'get'>,
  { seed = 0, onProgress }: InitialFactorsOptions = {},
): Promise<Map<string, InitialFactors>> {
  const start = new Map<string, InitialFactors>();
  if (!isComputed(init)) return start;
  for (const module of modules) checkModule(module, init);
  for (const module of modules) {
    const { path } = module;
    const weight = denseWeight(frozen(host.get(path)).weight as FrozenWeight);
    try {
      start.set(path, { ...(await factorsOf(weight, init, module, deriveSeed(seed, path))), shifts: true });
    } finally {
      weight.dispose();
    }
    onProgress?.({ done: start.size, total: modules.length, path });
  }
  return start;
}

function factorsOf(weight: Tensor2D, init: LoraInit, { rank, scaling }: PlannedModule, seed: number): Promise<Factors> {
  if (init === 'olora') return olora(weight, { rank });
  const iterations = iterationsOf(init);
  if (iterations === undefined) return pissa(weight, { rank, scaling });
  return fastPissa(weight, { rank, scaling, iterations, start: randomStart(weight.shape, rank, seed) });
}

/** The module below an adapter, which has it as `base`. */
function frozen(module: HostModule & { base?: HostModule }): FrozenModule {
  return (module.base ?? module) as FrozenModule;
}

function checkModule({ path, kind, rank, in: from, out }: PlannedModule, init: LoraInit): void {
  const refuse = (rule: string, fix: string) => {
    throw new LowrankError('config-unsupported', { given: `init "${init}" for "${path}"`, rule, fix });
  };
  if (kind !== 'linear') refuse(`it is computed for linears, and this is of kind "${kind}"`, 'leave the module out');
  if (rank > Math.min(from, out)) {
    refuse(`a [${from}, ${out}] weight has no ${rank} directions`, `take a rank of at most ${Math.min(from, out)}`);
  }
}
