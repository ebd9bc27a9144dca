import type { PlainTensor } from '@lowrank/core/plan';

/**
 * The kernel of a convolution from PyTorch's layout `[out, in, ...kernel]` to ours, `[...kernel, in, out]`: the factors
 * of an adapter are such kernels, A to `rank` channels and B of a single place.
 */
export function kernelFromPeft({ shape, data }: PlainTensor): PlainTensor {
  const [out = 1, from = 1, ...kernel] = shape;
  const places = kernel.reduce((product, side) => product * side, 1);
  const ours = new Float32Array(data.length);
  eachValue(out, from, places, (theirs, index) => (ours[index] = data[theirs] as number));
  return { shape: [...kernel, from, out], data: ours };
}

/** The reverse. */
export function kernelToPeft({ shape, data }: PlainTensor): PlainTensor {
  const [kernel, [from = 1, out = 1]] = [shape.slice(0, -2), shape.slice(-2)];
  const places = kernel.reduce((product, side) => product * side, 1);
  const theirs = new Float32Array(data.length);
  eachValue(out, from, places, (index, ours) => (theirs[index] = data[ours] as number));
  return { shape: [out, from, ...kernel], data: theirs };
}

/** Of a convolution of this many axes PEFT has magnitudes as `[1, out, ...1]`, where ours are `[out]`. */
export function magnitudeToPeft({ shape, data }: PlainTensor, axes: number): PlainTensor {
  return { shape: axes === 0 ? shape : [1, ...shape, ...Array<number>(axes).fill(1)], data };
}

export function magnitudeFromPeft({ data }: PlainTensor): PlainTensor {
  return { shape: [data.length], data };
}

function eachValue(out: number, from: number, places: number, visit: (theirs: number, ours: number) => void): void {
  for (let channel = 0; channel < out; channel++) {
    for (let input = 0; input < from; input++) {
      for (let place = 0; place < places; place++) {
        visit((channel * from + input) * places + place, (place * from + input) * out + channel);
      }
    }
  }
}
