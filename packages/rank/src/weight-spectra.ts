import {
  BlockWeight,
  denseWeight,
  deriveSeed,
  effectiveRank,
  randomFloats,
  sketch,
  type AdapterPlan,
  type FrozenModule,
  type FrozenWeight,
  type Host,
  type HostModule,
  type PlannedModule,
} from '@lowrank/core';
import { reshape, square, sum, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { singularValues } from './singular-values.js';
import type { Spectrum } from './strategy.js';

export interface WeightSpectraOptions {
  /**
   * How many of the largest singular values to find on the backend; or `all`, in float64 outside it, and with them the
   * effective rank, which takes some 9 seconds for 768 x 3072 and eight times as long for twice the sides. Default 64.
   */
  count?: number | 'all' | undefined;
  /** Decides where the search starts. Default 0. */
  seed?: number | undefined;
  /** Called after each module. */
  onProgress?: ((progress: { done: number; total: number; path: string }) => void) | undefined;
}

/**
 * The spectra of the frozen weights that a plan adapts, `[in, out]`, of a convolution `[kernel · in, out]`. Fewer than
 * all values come of a randomised search, whose last ones are a percent or so low where a spectrum is flat; the energy
 * is exact. A packed weight is unpacked, one at a time.
 *
 * @param host its modules may be adapted already; the frozen ones below are read
 * @throws `not-finite` with the module
 * @see Halko, Martinsson and Tropp 2011, https://arxiv.org/abs/0909.4061
 */
export async function weightSpectra(
  { modules }: AdapterPlan,
  host: Pick<Host, 'get'>,
  { count = 64, seed = 0, onProgress }: WeightSpectraOptions = {},
): Promise<Map<string, Spectrum>> {
  const spectra = new Map<string, Spectrum>();
  for (const module of modules) {
    const { path } = module;
    const weight = matrixOf(host.get(path), module);
    try {
      spectra.set(path, await spectrumOf(path, weight, { count, seed: deriveSeed(seed, path) }));
    } finally {
      weight.dispose();
    }
    onProgress?.({ done: spectra.size, total: modules.length, path });
  }
  return spectra;
}

async function spectrumOf(
  path: string,
  weight: Tensor2D,
  { count, seed }: { count: number | 'all'; seed: number },
): Promise<Spectrum> {
  const [rows, columns] = weight.shape;
  const side = Math.min(rows, columns);
  if (count === 'all') {
    const values = singularValues(path, { values: await weight.data(), rows, columns });
    const energy = values.reduce((total, value) => total + value ** 2, 0);
    return { values, energy, effectiveRank: effectiveRank(values) };
  }
  const width = Math.min(side, count + spareColumns);
  const start = randomFloats(side * width, { distribution: 'normal', seed });
  const { projected } = await sketch(weight, { iterations, start });
  const values = singularValues(path, projected).slice(0, count);
  const squares = tidy(() => sum(square(weight)));
  try {
    return { values, energy: (await squares.data())[0]! };
  } finally {
    squares.dispose();
  }
}

/** Columns beside those that are sought, and passes: what Halko et al. recommend for spectra that fall slowly. */
const spareColumns = 10;
const iterations = 2;

/** `[kernel · in, out]`, owned by the caller. */
function matrixOf(module: HostModule & { base?: HostModule }, { baseParameters, out }: PlannedModule): Tensor2D {
  const { weight } = (module.base ?? module) as FrozenModule;
  if (weight instanceof BlockWeight || weight.shape.length === 2) return denseWeight(weight as FrozenWeight);
  return reshape(weight as Tensor, [baseParameters / out, out]);
}
