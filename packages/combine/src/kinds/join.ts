import type { MajoritySign } from './recipe.js';

/** `Σ weights[i] · tensors[i]`, value by value. */
export function weightedSum(tensors: Float64Array[], weights: number[]): Float64Array {
  const result = new Float64Array(tensors[0]?.length ?? 0);
  tensors.forEach((values, which) => {
    const weight = weights[which] as number;
    for (let index = 0; index < result.length; index++) (result[index] as number) += weight * (values[index] as number);
  });
  return result;
}

/**
 * Value by value the weighted mean of those that have the majority's sign. As in PEFT and the paper signs are elected
 * before weights count, a sum of zero elects plus, and weights are not divided out.
 *
 * @see Yadav et al. 2023 (TIES), https://arxiv.org/abs/2306.01708, algorithm 1
 */
export function electedMean(tensors: Float64Array[], weights: number[], majoritySign: MajoritySign): Float64Array {
  const result = new Float64Array(tensors[0]?.length ?? 0);
  for (let index = 0; index < result.length; index++) {
    let vote = 0;
    for (const values of tensors) {
      const value = values[index] as number;
      vote += majoritySign === 'total' ? value : Math.sign(value);
    }
    const sign = vote >= 0 ? 1 : -1;
    let [sum, count] = [0, 0];
    tensors.forEach((values, which) => {
      const value = values[index] as number;
      if (Math.sign(value) !== sign) return;
      sum += (weights[which] as number) * value;
      count++;
    });
    result[index] = count === 0 ? 0 : sum / count;
  }
  return result;
}
