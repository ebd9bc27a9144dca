import { clipByValue, mean, round, squaredDifference, tidy } from '@tensorflow/tfjs-core';

const batch = 100;

/** The mean over images of `10 log10(255² / mean square error)` in dB, of pixels rounded as a picture has them. */
export async function psnr(images, enlarge) {
  let sum = 0;
  for (let first = 0; first < images.count; first += batch) {
    const some = Array.from({ length: Math.min(batch, images.count - first) }, (_, index) => first + index);
    const errors = tidy(() => {
      const large = round(clipByValue(enlarge(images.small(some)), 0, 255));
      return mean(squaredDifference(large, images.whole(some)), [1, 2, 3]);
    });
    for (const error of await errors.data()) sum += 10 * Math.log10(255 ** 2 / Math.max(error, 1e-9));
    errors.dispose();
  }
  return sum / images.count;
}
