import { LowrankError, nearest } from '@lowrank/core';

/** What a model's files hold, and how messages speak of them. */
export interface StoredTensors {
  /** The folder or file. */
  name: string;
  /** What says which tensors there must be. */
  config: string;
  found: Found[];
  /** The dtypes that weights may have. */
  dtypes: string[];
  /** Whether a tensor that nothing needs may be there. */
  isIgnored(name: string): boolean;
}

interface Found {
  file: string;
  name: string;
  dtype: string;
  shape: readonly number[];
}

interface Needed {
  name: string;
  shape: number[];
}

/** Checks that each tensor needed is there once, with its shape, and no other. Throws `file-invalid`. */
export function checkTensors(stored: StoredTensors, list: Needed[]): void {
  const there = byName(stored.found);
  const needed = new Map(list.map(({ name, shape }) => [name, shape]));
  for (const [name, shape] of needed) {
    const found = there.get(name);
    if (found) checkOne(stored, found, shape);
    else
      throw refused(`${stored.name}: no tensor "${name}"`, `${stored.config} asks for it`, near(name, there, needed));
  }
  for (const [name, { file }] of there) {
    if (needed.has(name) || stored.isIgnored(name)) continue;
    throw refused(`${file}: tensor "${name}"`, `nothing in ${stored.config} uses it`, near(name, needed, there));
  }
}

function byName(found: Found[]): Map<string, Found> {
  const there = new Map<string, Found>();
  for (const one of found) {
    const first = there.get(one.name);
    if (first) {
      throw refused(`${one.file}: tensor "${one.name}"`, `${first.file} holds it too`, 'fetch the shards again');
    }
    there.set(one.name, one);
  }
  return there;
}

function checkOne({ config, dtypes }: StoredTensors, { file, name, dtype, shape }: Found, expected: number[]): void {
  if (shape.join() !== expected.join()) {
    const given = `${file}: "${name}" is [${shape.join(', ')}]`;
    throw refused(given, `${config} makes it [${expected.join(', ')}]`, `take the ${config} of these weights`);
  }
  if (!dtypes.includes(dtype)) {
    throw refused(`${file}: "${name}" is ${dtype}`, `weights are ${dtypes.join(', ')}`, 'convert the model first');
  }
}

/** Names among `these` that `those` lack, for one of them is likelier what `name` became; else any of `these`. */
function near(name: string, these: Map<string, unknown>, those: Map<string, unknown>): string {
  const alone = [...these.keys()].filter((key) => !those.has(key));
  const names = nearest(name, alone.length > 0 ? alone : these.keys());
  return names.length > 0 ? `nearest here: ${names.join(', ')}` : 'fetch the weights again';
}

function refused(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix });
}
