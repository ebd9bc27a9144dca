import { LowrankError, type ModuleInfo, type PlainTensor } from '@lowrank/core';

/** A model's weights, each read when it is asked for. */
export interface WeightSource {
  /** For messages. */
  name: string;
  /** Its modules, in forward order. */
  modules: ModuleInfo[];
  /** The tensor `<path>.weight` or `<path>.bias` in the shape that Hugging Face's files have, owned by the caller. */
  read(name: string): Promise<PlainTensor>;
}

/** The names of the tensors that a module owns. */
export function tensorNames({ path, bias = false, parameters }: ModuleInfo): string[] {
  if (parameters === 0) return []; // a tied head reads the table of another
  return bias ? [`${path}.weight`, `${path}.bias`] : [`${path}.weight`];
}

/** The same tensor of both. Throws `shape-mismatch` where it is not of one shape, `not-finite`. */
export async function readBoth(
  base: WeightSource,
  tuned: WeightSource,
  name: string,
): Promise<[PlainTensor, PlainTensor]> {
  const [one, other] = [await base.read(name), await tuned.read(name)];
  if (one.shape.join() !== other.shape.join()) {
    throw new LowrankError('shape-mismatch', {
      given: `"${name}": [${one.shape.join(', ')}] in ${base.name}, [${other.shape.join(', ')}] in ${tuned.name}`,
      rule: 'an update is the difference of two weights of one shape',
      fix: 'give the model that the other one was tuned from; leave out modules that were resized',
    });
  }
  for (const [source, { data }] of [[base, one] as const, [tuned, other] as const]) {
    const at = data.findIndex((value) => !Number.isFinite(value));
    if (at === -1) continue;
    throw new LowrankError('not-finite', {
      given: `value ${at} of "${name}" of ${source.name}, ${data[at]}`,
      rule: 'no update of finite numbers leads to it',
      fix: 'take a checkpoint from before its training diverged',
    });
  }
  return [one, other];
}
