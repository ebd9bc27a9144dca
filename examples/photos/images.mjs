import { fashionMnist, side as own } from '@lowrank/fashion-mnist/provide.mjs';
import { div, image, oneHot, tensor1d, tensor4d, tidy, tile } from '@tensorflow/tfjs-core';

/** Pictures `[count, side, side, 3]` from 0 to 1, enlarged bilinearly, and their classes `[count, 10]`; yours to free. */
export function readImages(part, count, side) {
  const { images, labels } = fashionMnist(part, count);
  return tidy(() => {
    const gray = div(tensor4d(Float32Array.from(images), [labels.length, own, own, 1]), 255);
    const x = tile(image.resizeBilinear(gray, [side, side], false, true), [1, 1, 1, 3]);
    return { x, y: oneHot(tensor1d(Int32Array.from(labels), 'int32'), 10), labels: tensor1d(Int32Array.from(labels)) };
  });
}
