export interface Conv64 {
  /** `[batch, height, width, in]` */
  x: [number, number, number, number];
  /** `[height, width, in / groups, out]` */
  kernel: [number, number, number, number];
  strides?: [number, number];
  dilations?: [number, number];
  padding?: 'same' | 'valid';
  groups?: number;
}

/** A convolution in float64, the plainest way: `[batch, height, width, out]`, what convolutions are held against. */
export function conv64(x: ArrayLike<number>, kernel: ArrayLike<number>, sizes: Conv64): Float64Array {
  const { strides = [1, 1], dilations = [1, 1], padding = 'valid', groups = 1 } = sizes;
  const [batch, height, width, from] = sizes.x;
  const [high, wide, within, out] = sizes.kernel;
  const along = (side: number, size: number, axis: 0 | 1) => {
    const reach = (size - 1) * dilations[axis] + 1;
    const places = padding === 'same' ? Math.ceil(side / strides[axis]) : Math.ceil((side - reach + 1) / strides[axis]);
    const missing = padding === 'same' ? Math.max(0, (places - 1) * strides[axis] + reach - side) : 0;
    return { places, before: Math.floor(missing / 2) };
  };
  const [down, across] = [along(height, high, 0), along(width, wide, 1)];
  const result: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (let row = 0; row < down.places; row++) {
      for (let column = 0; column < across.places; column++) {
        for (let channel = 0; channel < out; channel++) result.push(sumAt(image, row, column, channel));
      }
    }
  }
  return Float64Array.from(result);

  function sumAt(image: number, row: number, column: number, channel: number): number {
    const group = Math.floor(channel / (out / groups));
    let sum = 0;
    for (let i = 0; i < high; i++) {
      const y = row * strides[0] + i * dilations[0] - down.before;
      for (let j = 0; j < wide; j++) {
        const z = column * strides[1] + j * dilations[1] - across.before;
        if (y < 0 || y >= height || z < 0 || z >= width) continue;
        for (let k = 0; k < within; k++) {
          const value = x[((image * height + y) * width + z) * from + group * within + k] as number;
          sum += value * (kernel[((i * wide + j) * within + k) * out + channel] as number);
        }
      }
    }
    return sum;
  }
}
