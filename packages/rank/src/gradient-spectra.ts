import { deriveSeed, LowrankError, orthonormal, randomFloats, type Parameter } from '@lowrank/core';
import { tensor, tidy } from '@tensorflow/tfjs-core';
import { accumulatedGradients, type GradientSource } from './gradient/accumulated-gradients.js';
import { factorPairs, type FactorPair } from './gradient/factor-pairs.js';
import { singularValues } from './singular-values.js';
import type { Spectrum } from './strategy.js';

export interface GradientSpectraOptions {
  /** How many batches the gradient is that of. Default 8. */
  steps?: number | undefined;
  /** Times that the batches are gone through, 2 or more: each brings the values nearer to the exact ones. Default 2. */
  passes?: number | undefined;
  /** Decides the random A. Default 0. */
  seed?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Called after each batch. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
}

/**
 * The spectra of the gradient `G = Xᵀ dY` `[in, out]` that full fine-tuning would give each weight, the mean over the
 * targets of the first batches, at the base: no optimiser step is taken. G is never formed. A low-rank adapter that adds
 * nothing shows it through its factors: with B = 0, `dL/dB = scaling · Aᵀ G`; with A = 0, `dL/dA = scaling · G Bᵀ`. So a
 * random A gives a randomised range finder, and B an orthonormal basis of what it found the projection, whose singular
 * values are those of G but for what lies outside; further passes are power iterations. Any backend and host will do.
 *
 * The energy is an estimate: of a normal A with k columns `‖Aᵀ G‖² / k` is on average `‖G‖²`.
 *
 * @returns by the path of the module; as many values as the adapter has ranks there, the last of which are low
 * @throws `config-invalid` for options out of range, ranks above a module's sides, and an adapter that is not active;
 * `config-unsupported` for factors of embeddings, DoRA and computed starts; `not-finite` with the module
 * @see Halko, Martinsson and Tropp 2011, https://arxiv.org/abs/0909.4061, algorithms 4.3 and 5.1; Hu et al. 2021,
 * https://arxiv.org/abs/2106.09685, section 4.1
 */
export async function gradientSpectra<Batch>(
  { parameters, ...source }: GradientSource<Batch> & { parameters: Parameter[] },
  { steps = 8, passes = 2, seed = 0, signal, onProgress }: GradientSpectraOptions = {},
): Promise<Map<string, Spectrum>> {
  checkWhole('steps', steps, 1);
  checkWhole('passes', passes, 2);
  const pairs = factorPairs(parameters);
  const energies = new Map<string, number>();
  let bases = pairs.map((pair): Float32Array => {
    return randomFloats(pair.in * pair.rank, { distribution: 'normal', seed: deriveSeed(seed, pair.path) });
  });
  for (let pass = 0; ; pass++) {
    const shows = pass % 2 === 0 ? 'b' : 'a';
    pairs.forEach((pair, at) => setFactors(pair, shows, bases[at]!));
    const wanted = pairs.map((pair) => pair[shows]);
    const report = (done: number) => onProgress?.({ done: pass * steps + done, total: passes * steps });
    const gradients = await accumulatedGradients(source, wanted, { steps, signal, onProgress: report });
    const shown = pairs.map((pair, at) => gradients[at]!.map((value) => value / pair.scaling));
    if (pass === 0) pairs.forEach(({ path, rank }, at) => energies.set(path, squares(shown[at]!) / rank));
    if (pass === passes - 1) return new Map(pairs.map((pair, at) => [pair.path, spectrumOf(pair, shown[at]!)]));
    bases = pairs.map((pair, at) => (shows === 'b' ? rowBasis(pair, shown[at]!) : columnBasis(pair, shown[at]!)));
  }

  function spectrumOf({ path, rank }: FactorPair, shown: Float32Array): Spectrum {
    const matrix =
      passes % 2 === 1 ? { rows: rank, columns: shown.length / rank } : { rows: shown.length / rank, columns: rank };
    const values = singularValues(path, { ...matrix, values: shown });
    // What was found is there, however low the estimate.
    return { values, energy: Math.max(energies.get(path)!, squares(values)) };
  }
}

/** One factor zero, so that the adapter adds nothing, and the other what shows the gradient through it. */
function setFactors({ a, b }: FactorPair, shows: 'a' | 'b', basis: Float32Array): void {
  const [zero, other] = shows === 'b' ? [b, a] : [a, b];
  tidy(() => {
    zero.variable.assign(tensor(new Float32Array(zero.variable.size), zero.variable.shape));
    other.variable.assign(tensor(basis, other.variable.shape));
  });
}

/** An orthonormal basis of the rows of `[rank, out]`, as rows. */
function rowBasis({ rank, out }: FactorPair, values: Float32Array): Float32Array {
  const rows = orthonormal(rank, out, (row) => values.subarray(row * out, (row + 1) * out));
  return Float32Array.from(rows.flatMap((row) => [...row]));
}

/** An orthonormal basis of the columns of `[in, rank]`, as columns. */
function columnBasis({ in: size, rank }: FactorPair, values: Float32Array): Float32Array {
  const column = (at: number) => Float64Array.from({ length: size }, (_, row) => values[row * rank + at]!);
  const columns = orthonormal(rank, size, column);
  return Float32Array.from({ length: size * rank }, (_, at) => columns[at % rank]![Math.floor(at / rank)]!);
}

function squares(values: ArrayLike<number>): number {
  let total = 0;
  for (let at = 0; at < values.length; at++) total += values[at]! ** 2;
  return total;
}

function checkWhole(name: string, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new LowrankError('config-invalid', {
    given: `${name}: ${value}`,
    rule: `it is a whole number of ${least} or more`,
    fix: 'give a value that fits',
  });
}
