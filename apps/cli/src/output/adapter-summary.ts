import {
  loraTensorName,
  parseLoraTensorName,
  patternValue,
  scalingOf,
  type Adapter,
  type PlainTensor,
} from '@lowrank/core';

/** One adapted module of a saved adapter. */
export interface ModuleSummary {
  path: string;
  in: number;
  out: number;
  rank: number;
  scaling: number;
  parameters: number;
  /** Frobenius norms: of the factors, and of the update `scaling · A B` that they make. */
  normA: number;
  normB: number;
  normUpdate: number;
}

/** What is in an adapter, module by module. */
export function summarise({ config, tensors }: Adapter): ModuleSummary[] {
  const paths = new Set(Array.from(tensors.keys(), (name) => parseLoraTensorName(name)?.path ?? []).flat());
  return Array.from(paths, (path) => {
    const a = tensors.get(loraTensorName(path, 'lora_A')) as PlainTensor;
    const b = tensors.get(loraTensorName(path, 'lora_B')) as PlainTensor;
    const [from, rank] = a.shape as [number, number];
    const out = b.shape[1] as number;
    const alpha = patternValue(config.alphaPattern, path) ?? config.alpha;
    const scaling = scalingOf({ rank, alpha, useRslora: config.useRslora });
    const [gramA, gramB] = [gram(a.data, rank, 'columns'), gram(b.data, rank, 'rows')];
    return {
      path,
      in: from,
      out,
      rank,
      scaling,
      parameters: a.data.length + b.data.length,
      normA: Math.sqrt(trace(gramA, rank)),
      normB: Math.sqrt(trace(gramB, rank)),
      normUpdate:
        scaling *
        Math.sqrt(
          Math.max(
            0,
            gramA.reduce((sum, value, index) => sum + value * gramB[index]!, 0),
          ),
        ),
    };
  });
}

/** `AᵀA` of `[n, rank]` by columns, or `BBᵀ` of `[rank, n]` by rows, in float64: `‖AB‖² = Σ (AᵀA) ∘ (BBᵀ)`, never `[in, out]`. */
function gram(data: Float32Array, rank: number, along: 'rows' | 'columns'): Float64Array {
  const length = data.length / rank;
  const at = (which: number, index: number) => data[along === 'rows' ? which * length + index : index * rank + which]!;
  const result = new Float64Array(rank * rank);
  for (let left = 0; left < rank; left++) {
    for (let right = left; right < rank; right++) {
      let total = 0;
      for (let index = 0; index < length; index++) total += at(left, index) * at(right, index);
      result[left * rank + right] = result[right * rank + left] = total;
    }
  }
  return result;
}

function trace(square: Float64Array, size: number): number {
  let total = 0;
  for (let index = 0; index < size; index++) total += square[index * size + index]!;
  return total;
}
