import { loraTensorName, type PlainTensor } from '@lowrank/core';
import type { AdapterParts } from './adapter/read-parts.js';
import { squares } from './matrix/matrix.js';

/** A tensor that is no factor: a saved module's, a trained bias, a bias on B times its scaling, trained token rows. */
export interface OtherComparison {
  /** Its canonical name. */
  name: string;
  /** Frobenius norms; undefined where that adapter does not have it. */
  norms: [number | undefined, number | undefined];
  /** `‖first - second‖`; undefined where only one has it, or they differ in shape. */
  difference: number | undefined;
}

/** Tensors by name, those of the first adapter first. */
export function compareOthers(first: AdapterParts, second: AdapterParts): OtherComparison[] {
  const [one, other] = [othersOf(first), othersOf(second)];
  return [...new Set([...one.keys(), ...other.keys()])].map((name) => {
    const [left, right] = [one.get(name), other.get(name)];
    const norms = [left, right].map((tensor) => tensor && Math.sqrt(squares(tensor.data)));
    const alike = left && right && left.shape.join() === right.shape.join();
    return {
      name,
      norms: norms as OtherComparison['norms'],
      difference: alike ? distance(left.data, right.data) : undefined,
    };
  });
}

interface Values {
  shape: number[];
  data: ArrayLike<number>;
}

function othersOf({ whole, rows, updates }: AdapterParts): Map<string, Values> {
  const others = new Map<string, Values>(whole as Map<string, PlainTensor>);
  for (const [path, { values }] of rows) others.set(loraTensorName(path, 'trainable_tokens_delta'), values);
  for (const [path, { bias, scaling }] of updates) {
    if (!bias) continue;
    others.set(loraTensorName(path, 'lora_B.bias'), {
      shape: [bias.length],
      data: bias.map((value) => value * scaling),
    });
  }
  return others;
}

function distance(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let total = 0;
  for (let index = 0; index < left.length; index++) total += ((left[index] as number) - (right[index] as number)) ** 2;
  return Math.sqrt(total);
}
