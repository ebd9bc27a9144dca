import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** The values in a random order that `seed` decides: Fisher and Yates's shuffle. */
export function shuffled<Value>(values: readonly Value[], seed: number): Value[] {
  const generator = xoroshiro128plus(seed);
  const order = [...values];
  for (let last = order.length - 1; last > 0; last--) {
    const pick = uniformInt(generator, 0, last);
    [order[last], order[pick]] = [order[pick] as Value, order[last] as Value];
  }
  return order;
}

/** 0, 1, 2 and so on below `count`. */
export function inOrder(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
