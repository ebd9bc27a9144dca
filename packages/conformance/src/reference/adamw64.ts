/** One parameter and its two means. */
export interface State64 {
  parameter: Float64Array;
  m: Float64Array;
  v: Float64Array;
}

export interface Adamw64 {
  learningRate: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  weightDecay: number;
  step: number;
}

/** Loshchilov and Hutter's algorithm 2, for one parameter: the state after an update. */
export function adamw64(state: State64, gradient: Float64Array, options: Adamw64): State64 {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = options;
  const m = state.m.map((old, index) => beta1 * old + (1 - beta1) * (gradient[index] as number));
  const v = state.v.map((old, index) => beta2 * old + (1 - beta2) * (gradient[index] as number) ** 2);
  const parameter = state.parameter.map((old, index) => {
    const mean = (m[index] as number) / (1 - beta1 ** step);
    const square = (v[index] as number) / (1 - beta2 ** step);
    return old - learningRate * (mean / (Math.sqrt(square) + epsilon) + weightDecay * old);
  });
  return { parameter, m, v };
}
