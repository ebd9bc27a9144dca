import { LowrankError } from '@lowrank/core';
import type { AdapterParts } from '../adapter/read-parts.js';
import { rankOf, type Update } from '../adapter/update.js';

/** Throws `adapter-mismatch` where adapters are not of one start: other modules, shapes or scalings, or another frozen A. */
export function checkAverageable(adapters: AdapterParts[], method: 'frozen-a' | 'product'): void {
  const [first, ...others] = adapters as [AdapterParts, ...AdapterParts[]];
  for (const other of others) {
    for (const path of new Set([...first.updates.keys(), ...other.updates.keys()])) {
      const [one, two] = [first.updates.get(path), other.updates.get(path)];
      if (!one || !two) {
        throw mismatch(
          `"${path}", which ${(one ? other : first).given} does not adapt`,
          'adapters that are averaged adapt the same modules',
          'average adapters that were trained from one start, or use `combine`',
        );
      }
      if (shape(one) !== shape(two) || Boolean(one.bias) !== Boolean(two.bias)) {
        throw mismatch(
          `"${path}": ${shape(one)} in ${first.given}, ${shape(two)} in ${other.given}`,
          'adapters that are averaged have the same shapes, ranks, scalings and biases',
          'average adapters that were trained from one start, or use `combine`',
        );
      }
      if (method === 'product' || one.left.data.every((value, at) => value === two.left.data[at])) continue;
      throw mismatch(
        `"${path}": A of ${first.given} is not A of ${other.given}`,
        'the mean of B is the mean of the updates only where A is the same, to the bit',
        'train from one start with A frozen (`--lora-fa`), or average by "product"',
      );
    }
  }
}

function shape(update: Update): string {
  const { kind, sides, right, scaling } = update;
  return `a ${kind} [${[...sides.before, right.columns].join(', ')}] of rank ${rankOf(update)}, scaled by ${scaling}`;
}

function mismatch(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('adapter-mismatch', { given, rule, fix });
}
