import { div, exp, mul, ones, reshape, sub, sum, type GradConfig, type Tensor } from '@tensorflow/tfjs-core';

const sumGradient: GradConfig = {
  kernelName: 'Sum',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => ({ x: () => spread(dy as Tensor, (saved[0] as Tensor).shape, axesOf(attrs, saved)) }),
};

const meanGradient: GradConfig = {
  kernelName: 'Mean',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attrs) => {
    const { shape, size } = saved[0] as Tensor;
    const whole = () => spread(dy as Tensor, shape, axesOf(attrs, saved));
    return { x: () => div(whole(), size / Math.max(1, (dy as Tensor).size)) };
  },
};

/** `dx = p · (dy - sum(dy · p))`, the sum over the last axis, which is the only one tfjs's kernel knows. */
const softmaxGradient: GradConfig = {
  kernelName: 'Softmax',
  outputsToSave: [true],
  gradFunc: (dy, saved) => {
    const p = saved[0] as Tensor;
    const weighted = mul(dy as Tensor, p);
    return { logits: () => sub(weighted, mul(sum(weighted, -1, true), p)) };
  },
};

const logSoftmaxGradient: GradConfig = {
  kernelName: 'LogSoftmax',
  outputsToSave: [true],
  gradFunc: (dy, saved) => ({
    logits: () => sub(dy as Tensor, mul(sum(dy as Tensor, -1, true), exp(saved[0] as Tensor))),
  }),
};

export const reductionGradients = [sumGradient, meanGradient, softmaxGradient, logSoftmaxGradient];

/** No axis means all of them. */
function axesOf(attrs: object, [x]: Tensor[]): number[] {
  const { axis } = attrs as { axis?: number | number[] | null };
  return axis === undefined || axis === null ? (x as Tensor).shape.map((_, index) => index) : [axis].flat();
}

/** Repeats a reduced gradient along the axes it was reduced over. */
function spread(gradient: Tensor, shape: number[], axes: number[]): Tensor {
  const reduced = axes.map((axis) => (axis < 0 ? axis + shape.length : axis));
  const kept = shape.map((side, axis) => (reduced.includes(axis) ? 1 : side));
  return mul(reshape(gradient, kept), ones(shape));
}
