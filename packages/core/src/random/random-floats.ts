import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface RandomOptions {
  /** `uniform` on [-1, 1), or `normal` with mean 0 and deviation 1. */
  distribution: 'uniform' | 'normal';
  seed: number;
}

/** `count` seeded numbers, the same on every backend and machine. */
export function randomFloats(count: number, { distribution, seed }: RandomOptions): Float32Array {
  const generator = xoroshiro128plus(seed | 0);
  const uniform = () => uniformFloat64(generator);
  const draw = distribution === 'uniform' ? () => 2 * uniform() - 1 : () => normal(uniform);
  return Float32Array.from({ length: count }, draw);
}

/** Box and Muller's transform; `1 - u` keeps the logarithm's argument above zero. */
function normal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
