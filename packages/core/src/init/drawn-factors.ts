import { LowrankError } from '../errors/lowrank-error.js';
import { deriveSeed } from '../random/derive-seed.js';
import { randomFloats } from '../random/random-floats.js';
import { isComputed, type LoraInit } from './lora-init.js';
import { orthonormal } from './orthonormal.js';

export interface DrawnFactorsOptions {
  in: number;
  out: number;
  rank: number;
  init: LoraInit;
  seed: number;
}

/** Two factors outside any backend. */
export interface Factors {
  /** `[in, rank]` */
  a: Float32Array;
  /** `[rank, out]` */
  b: Float32Array;
}

/**
 * Factors that are drawn at random, the same on every backend.
 *
 * - `kaiming`: A uniform on (-1/sqrt(in), 1/sqrt(in)), which is PEFT's Kaiming-uniform with a = sqrt(5)
 *   (He et al. 2015, https://arxiv.org/abs/1502.01852: bound = sqrt(6 / ((1 + a²) in))); B zero.
 * - `gaussian`: A normal with deviation 1 / rank, B zero.
 * - `orthogonal`: with Q a random orthogonal `[rank, rank]`, A is normal / 10 times Q's even rows, B its odd rows
 *   turned times normal / 10: neither is zero, and `A B` is. The rank must be even.
 * - `random`: A as in `kaiming`, B uniform on (-1/sqrt(rank), 1/sqrt(rank)): PEFT's `false`, for tests.
 *
 * @throws `config-invalid` for an odd rank with `orthogonal`, and for a start that `initialFactors` computes
 */
export function drawnFactors({ in: features, out, rank, init, seed }: DrawnFactorsOptions): Factors {
  if (isComputed(init)) throw needsStart(init);
  const draw = (distribution: 'uniform' | 'normal', of: 'A' | 'B', count: number, factor: number) =>
    randomFloats(count, { distribution, seed: deriveSeed(seed, `lora_${of}`) }).map((value) => value * factor);
  const kaiming = () => draw('uniform', 'A', features * rank, 1 / Math.sqrt(features));
  switch (init) {
    case 'kaiming':
      return { a: kaiming(), b: new Float32Array(rank * out) };
    case 'gaussian':
      return { a: draw('normal', 'A', features * rank, 1 / rank), b: new Float32Array(rank * out) };
    case 'random':
      return { a: kaiming(), b: draw('uniform', 'B', rank * out, 1 / Math.sqrt(rank)) };
    case 'orthogonal': {
      checkEven(rank);
      const half = rank / 2;
      const left = draw('normal', 'A', features * half, 0.1);
      const right = draw('normal', 'B', half * out, 0.1);
      return orthogonal({ left, right, features, out, rank, seed });
    }
    default:
      return init satisfies never;
  }
}

interface OrthogonalParts {
  /** `[in, rank / 2]` */
  left: Float32Array;
  /** `[rank / 2, out]` */
  right: Float32Array;
  features: number;
  out: number;
  rank: number;
  seed: number;
}

function orthogonal({ left, right, features, out, rank, seed }: OrthogonalParts): Factors {
  const half = rank / 2;
  const rows = orthonormal(rank, rank, (index) => {
    return randomFloats(rank, { distribution: 'normal', seed: deriveSeed(seed, `orthogonal/${index}`) });
  });
  const sum = (term: (index: number) => number) => {
    let total = 0;
    for (let index = 0; index < half; index++) total += term(index);
    return total;
  };
  const a = Float32Array.from({ length: features * rank }, (_, at) => {
    const [row, column] = [Math.floor(at / rank), at % rank];
    return sum((index) => left[row * half + index]! * rows[2 * index]![column]!);
  });
  const b = Float32Array.from({ length: rank * out }, (_, at) => {
    const [row, column] = [Math.floor(at / out), at % out];
    return sum((index) => rows[2 * index + 1]![row]! * right[index * out + column]!);
  });
  return { a, b };
}

function checkEven(rank: number): void {
  if (rank % 2 === 0) return;
  throw new LowrankError('config-invalid', {
    given: `rank ${rank} with init "orthogonal"`,
    rule: 'it gives half of the directions to A and half to B, so the rank is even',
    fix: `take rank ${rank + 1}, or another init`,
  });
}

function needsStart(init: LoraInit): LowrankError {
  return new LowrankError('config-invalid', {
    given: `init "${init}" without a start`,
    rule: "it is computed from the base's weights",
    fix: 'give `start`, which `await initialFactors(plan, host)` computes',
  });
}
