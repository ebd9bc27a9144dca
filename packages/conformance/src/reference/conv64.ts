import type { ConvGeometry } from '@lowrank/core';
import type { Matrix } from './matrix64.js';

export interface Conv64 extends ConvGeometry {
  /** `[batch, height, width, in]` */
  x: number[];
  /** `[height, width, in / groups, out]` */
  kernel: number[];
}

/** A convolution, and with the output's gradient those of its input and kernel, by visiting each product once. */
export function conv64(sizes: Conv64) {
  const [batch, , , from] = sizes.x as [number, number, number, number];
  const [high, wide, within, out] = sizes.kernel as [number, number, number, number];
  const [down, across] = [places(sizes, 0), places(sizes, 1)];
  const share = out / sizes.groups;
  const shape = [batch, down.count, across.count, out];

  /** Every product of the convolution: where its input, its kernel value and its output are. */
  function eachProduct(visit: (x: number, kernel: number, y: number) => void): void {
    for (let image = 0; image < batch; image++) {
      for (const [row, i, y] of down.meetings) {
        for (const [column, j, z] of across.meetings) {
          const place = (image * down.side + y) * across.side + z;
          const result = (image * down.count + row) * across.count + column;
          for (let channel = 0; channel < out; channel++) {
            const group = Math.floor(channel / share);
            for (let k = 0; k < within; k++) {
              const value = ((i * wide + j) * within + k) * out + channel;
              visit(place * from + group * within + k, value, result * out + channel);
            }
          }
        }
      }
    }
  }

  const sized = (sides: number[]) => new Float64Array(sides.reduce((product, side) => product * side, 1));
  return {
    shape,
    value(x: Matrix, kernel: Matrix): Float64Array {
      const y = sized(shape);
      eachProduct((at, k, to) => (y[to]! += (x[at] as number) * (kernel[k] as number)));
      return y;
    },
    inputGradient(dy: Matrix, kernel: Matrix): Float64Array {
      const dx = sized(sizes.x);
      eachProduct((at, k, to) => (dx[at]! += (dy[to] as number) * (kernel[k] as number)));
      return dx;
    },
    kernelGradient(dy: Matrix, x: Matrix): Float64Array {
      const dKernel = sized([high, wide, within, out]);
      eachProduct((at, k, to) => (dKernel[k]! += (dy[to] as number) * (x[at] as number)));
      return dKernel;
    },
  };
}

/** Along an axis: how many outputs there are, and each output with each place of the kernel and the input it meets. */
function places({ x, kernel, strides, dilations, padding }: Conv64, axis: 0 | 1) {
  const [side, size] = [x[axis + 1] as number, kernel[axis] as number];
  const [stride, dilation] = [strides[axis] as number, dilations[axis] as number];
  const reach = (size - 1) * dilation + 1;
  const count = padding === 'same' ? Math.ceil(side / stride) : Math.ceil((side - reach + 1) / stride);
  const before = padding === 'same' ? Math.floor(Math.max(0, (count - 1) * stride + reach - side) / 2) : 0;
  const meetings: [output: number, kernel: number, input: number][] = [];
  for (let output = 0; output < count; output++) {
    for (let place = 0; place < size; place++) {
      const input = output * stride + place * dilation - before;
      if (input >= 0 && input < side) meetings.push([output, place, input]);
    }
  }
  return { side, count, meetings };
}
