/** How a convolution goes over its input; lists hold a number for each axis of its kernel. */
export interface ConvGeometry {
  strides: number[];
  /** As in TensorFlow: `same` gives `⌈side / stride⌉` outputs, `valid` pads nothing. */
  padding: 'same' | 'valid';
  /** Above 1 only with strides of 1. */
  dilations: number[];
  /** Inputs and outputs go in so many groups, each seeing only its own; 1 for a plain convolution. */
  groups: number;
}

/** Whether a kernel `[...kernel, in / groups, out]` reads places that do not lie together. */
export function isDilated({ dilations }: ConvGeometry, kernel: readonly number[]): boolean {
  return dilations.some((dilation, axis) => dilation > 1 && (kernel[axis] as number) > 1);
}

/** Whether each output is a linear of the input at its place alone. */
export function isPointwise({ strides, groups }: ConvGeometry, kernel: readonly number[]): boolean {
  return groups === 1 && strides.every((stride, axis) => stride === 1 && kernel[axis] === 1);
}
