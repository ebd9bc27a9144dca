import { LowrankError } from '../errors/lowrank-error.js';
import type { Adapter, PlainTensor } from './adapter.js';
import { loraTensorName, parseLoraTensorName } from './tensor-name.js';

/**
 * A trained adapter whose start changed its base (PiSSA, OLoRA) as plain LoRA on the base that it came from: of twice
 * the rank, since `A B - A₀ B₀ = [A A₀] [B; -B₀]`. Its alpha keeps the scaling: twice as large, or √2 times with rsLoRA.
 * What is no factor stays as trained. Throws `adapter-mismatch` where the two do not hold the same modules and shapes.
 *
 * @param trained where training ended
 * @param initial the same adapter as it started
 * @see https://arxiv.org/abs/2404.02948, appendix C
 */
export function plainLora(trained: Adapter, initial: Adapter): Adapter {
  const tensors: Adapter['tensors'] = new Map();
  for (const [name, tensor] of trained.tensors) {
    const factor = parseLoraTensorName(name);
    if (!factor) {
      tensors.set(name, tensor);
      continue;
    }
    const start = startOf(initial, name, tensor);
    tensors.set(
      loraTensorName(factor.path, factor.role),
      factor.role === 'lora_A' ? besides(tensor, start) : above(tensor, start),
    );
  }
  const missing = [...initial.tensors.keys()].find((name) => !trained.tensors.has(name));
  if (missing !== undefined) throw mismatch(missing, 'the adapter started with it, and ended without');
  return { config: doubled(trained.config), tensors };
}

/** rsLoRA divides by the root of the rank. PEFT doubles patterns of alpha under it too, and so refuses them. */
function doubled(config: Adapter['config']): Adapter['config'] {
  const alpha = config.useRslora ? Math.SQRT2 : 2;
  const times = (factor: number, pattern: Record<string, number>) =>
    Object.fromEntries(Object.entries(pattern).map(([key, value]) => [key, factor * value]));
  return {
    ...config,
    init: 'kaiming',
    rank: 2 * config.rank,
    alpha: alpha * config.alpha,
    rankPattern: times(2, config.rankPattern),
    alphaPattern: times(alpha, config.alphaPattern),
  };
}

function startOf({ tensors }: Adapter, name: string, { shape }: PlainTensor): PlainTensor {
  const start = tensors.get(name);
  if (!start) throw mismatch(name, 'the adapter ended with it, and started without');
  if (start.shape.join() === shape.join()) return start;
  throw mismatch(name, `it started as [${start.shape.join(', ')}] and ended as [${shape.join(', ')}]`);
}

/** `[A A₀]`: `[in, 2 rank]` */
function besides({ shape: [rows = 0, rank = 0], data }: PlainTensor, start: PlainTensor): PlainTensor {
  const both = new Float32Array(2 * data.length);
  for (let row = 0; row < rows; row++) {
    both.set(data.subarray(row * rank, (row + 1) * rank), 2 * row * rank);
    both.set(start.data.subarray(row * rank, (row + 1) * rank), (2 * row + 1) * rank);
  }
  return { shape: [rows, 2 * rank], data: both };
}

/** `[B; -B₀]`: `[2 rank, out]` */
function above({ shape: [rank = 0, out = 0], data }: PlainTensor, start: PlainTensor): PlainTensor {
  const both = new Float32Array(2 * data.length);
  both.set(data);
  both.set(
    start.data.map((value) => -value),
    data.length,
  );
  return { shape: [2 * rank, out], data: both };
}

function mismatch(name: string, rule: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given: `"${name}"`,
    rule,
    fix: 'give the start and the end of one training run',
  });
}
