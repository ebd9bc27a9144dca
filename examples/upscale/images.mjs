import { fashionMnist, side } from '@lowrank/fashion-mnist/provide.mjs';
import { tensor4d } from '@tensorflow/tfjs-core';

const half = side / 2;

/** Pictures in three channels from 0 to 255, whole `[count, 28, 28, 3]` and of half the side, each pixel the mean of four. */
export function readImages(part, count) {
  const { images } = fashionMnist(part, count);
  const small = Uint8Array.from({ length: count * half * half }, (_, index) => {
    const [image, place] = [Math.floor(index / half ** 2), index % half ** 2];
    const from = image * side ** 2 + 2 * Math.floor(place / half) * side + 2 * (place % half);
    return Math.round((images[from] + images[from + 1] + images[from + side] + images[from + side + 1]) / 4);
  });
  const some = (pixels, width) => (indices) => {
    const values = new Float32Array(indices.length * width ** 2 * 3);
    indices.forEach((image, place) => {
      for (let pixel = 0; pixel < width ** 2; pixel++) {
        values.fill(pixels[image * width ** 2 + pixel], 3 * (place * width ** 2 + pixel), 3 * (place * width ** 2 + pixel + 1));
      }
    });
    return tensor4d(values, [indices.length, width, width, 3]);
  };
  return { count, small: some(small, half), whole: some(images, side) };
}
