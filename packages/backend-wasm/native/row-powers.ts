import { countAt } from './elements';
import { exp } from './exp';
import { mostOf, Some, sumOf } from './lanes';

/** The largest of a row of `bytes` bytes; NaN where one is. */
export function mostOfRow(x: usize, bytes: usize): f32 {
  const fours = bytes & ~15;
  let lanes = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < fours; at += 16) lanes = f32x4.max(lanes, v128.load(x + at));
  let most = mostOf(lanes);
  for (let at = fours; at < bytes; at += 4) most = max(most, load<f32>(x + at));
  return most;
}

/** Writes `e^(x - most)` of a row to `out`, which may be x or 0 for nowhere; their sum, added up piece by piece. */
export function powersOfRow(x: usize, out: usize, bytes: usize, most: f32): f32 {
  const shift = f32x4.splat(most);
  let total = f32x4.splat(0);
  for (let from: usize = 0; from < bytes; from += 2048) {
    const end = min(from + 2048, bytes);
    let part = f32x4.splat(0);
    for (let at = from; at < end; at += 16) {
      const count = countAt(at, bytes);
      const power = Some.keep(exp(f32x4.sub(Some.load(x + at, count), shift)), count);
      part = f32x4.add(part, power);
      if (out) Some.store(out + at, power, count);
    }
    total = f32x4.add(total, part);
  }
  return sumOf(total);
}

/** Multiplies a row by a number. */
export function scaleRow(x: usize, bytes: usize, factor: f32): void {
  const share = f32x4.splat(factor);
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = countAt(at, bytes);
    Some.store(x + at, f32x4.mul(Some.load(x + at, count), share), count);
  }
}
