/**
 * What the update `A B` is multiplied by.
 *
 * alpha / rank (Hu et al. 2021, https://arxiv.org/abs/2106.09685, section 4.1), or
 * alpha / sqrt(rank) with rank-stabilised LoRA (Kalajdzievski 2023, https://arxiv.org/abs/2312.03732).
 */
export function scalingOf({ rank, alpha, useRslora }: ScalingOptions): number {
  return useRslora ? alpha / Math.sqrt(rank) : alpha / rank;
}

export interface ScalingOptions {
  rank: number;
  alpha: number;
  useRslora: boolean;
}
