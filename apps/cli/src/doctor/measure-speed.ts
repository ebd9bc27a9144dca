import { frozenLinear, randomFloats } from '@lowrank/core';
import { slice, tensor2d, tidy, type Tensor, type Tensor2D } from '@tensorflow/tfjs-core';
import { measuredShape } from './measured-shape.js';

const flops = 2 * measuredShape.rows * measuredShape.in * measuredShape.out;

/**
 * How fast the active backend computes frozen linears: the fastest of some runs, after a warm-up, of a chain of
 * layers each fed by the one before, so long that reading one number at its end counts little. Takes a second or
 * two, longer only where one layer alone does.
 *
 * @returns 10^9 floating-point operations a second
 */
export async function measureSpeed(): Promise<number> {
  const { rows, in: features, out } = measuredShape;
  const x = tensor2d(randomFloats(rows * features, { distribution: 'normal', seed: 1 }), [rows, features]);
  const weight = tensor2d(
    randomFloats(features * out, { distribution: 'normal', seed: 2 }).map((value) => value / Math.sqrt(features)),
    [features, out],
  );
  try {
    await secondsOf(x, weight, 1);
    let layers = 1;
    let seconds = await secondsOf(x, weight, layers);
    for (; seconds < 0.1 && layers < 4096; seconds = await secondsOf(x, weight, layers)) layers *= 2;
    const samples = [seconds];
    const end = performance.now() + 1000;
    while (samples.length < 8 && performance.now() < end) samples.push(await secondsOf(x, weight, layers));
    return (layers * flops) / Math.min(...samples) / 1e9;
  } finally {
    x.dispose();
    weight.dispose();
  }
}

/** Reading is what waits for a graphics card, and nothing else does. */
async function secondsOf(x: Tensor2D, weight: Tensor2D, layers: number): Promise<number> {
  const begun = performance.now();
  const last = tidy(() => {
    let y: Tensor = frozenLinear(x, weight);
    for (let layer = 1; layer < layers; layer++) {
      const before = y;
      y = frozenLinear(y, weight);
      before.dispose();
    }
    return slice(y, [0, 0], [1, 1]);
  });
  await last.data();
  last.dispose();
  return (performance.now() - begun) / 1000;
}
