import { LowrankError, type PlainTensor } from '@lowrank/core';
import type { Weights } from './weights.js';

/** A tensor of a model's files. Throws `not-finite`, naming it and the place, for one that holds what is no finite number. */
export async function readFinite(weights: Weights, name: string): Promise<PlainTensor> {
  const tensor = await weights.read(name);
  const { data } = tensor;
  for (let at = 0; at < data.length; at++) {
    if (!Number.isFinite(data[at])) throw notFinite(name, data[at] as number, at);
  }
  return tensor;
}

function notFinite(name: string, value: number, at: number): LowrankError {
  return new LowrankError('not-finite', {
    given: `"${name}" holds ${value} at ${at}`,
    rule: 'a model of finite numbers alone has something to say',
    fix: 'fetch its weights again, or take an earlier checkpoint of them',
  });
}
