import { LowrankError, type Adapter } from '@lowrank/core';
import { readParts } from './adapter/read-parts.js';
import type { Update } from './adapter/update.js';
import { compareOthers, type OtherComparison } from './compare-others.js';
import { cosineOf, differenceNorm, innerProduct, updateFacts, type UpdateFacts } from './update-facts.js';

export interface AdapterComparison {
  modules: ModuleComparison[];
  /** Of all updates as one vector. */
  total: Likeness & { norms: [number, number] };
  /** What the adapters hold besides updates of weights. */
  others: OtherComparison[];
}

export interface Likeness {
  /** `‖first - second‖` of the updates, where one that is not there counts as zeros. */
  difference: number;
  /** From -1 to 1, of the updates as vectors; null where one is zeros or not there. */
  cosine: number | null;
}

export interface ModuleComparison extends Likeness {
  path: string;
  kind: Update['kind'];
  /** Undefined where that adapter does not adapt the module. */
  first: UpdateFacts | undefined;
  second: UpdateFacts | undefined;
}

/**
 * How two adapters of one base differ, module by module: how large their updates `scaling · A B` are, how alike, and
 * over how many directions they are spread. All is from the factors; no update is formed.
 * Throws `shape-mismatch` where they are of two bases, and as `combine` for an adapter that it does not take.
 */
export function compare(first: Adapter, second: Adapter): AdapterComparison {
  const both = [readParts('the first adapter', first), readParts('the second adapter', second)] as const;
  const paths = [...new Set(both.flatMap(({ updates }) => [...updates.keys()]))];
  const pairs = paths.map((path) => both.map(({ updates }) => updates.get(path)) as Pair);
  const modules = pairs.map((pair) => compareModule(pair));
  const norms = (['first', 'second'] as const).map((which) => root(modules.map((module) => module[which]?.norm ?? 0)));
  const inner = pairs.reduce((sum, [one, other]) => sum + (one && other ? innerProduct(one, other) : 0), 0);
  const difference = root(modules.map((module) => module.difference));
  const total = { norms: norms as [number, number], difference, cosine: cosineOf(inner, norms[0]!, norms[1]!) };
  return { modules, total, others: compareOthers(...both) };
}

type Pair = [Update | undefined, Update | undefined];

function compareModule([one, other]: Pair): ModuleComparison {
  const { path, kind } = (one ?? other) as Update;
  const [first, second] = [one && updateFacts(one), other && updateFacts(other)];
  if (!one || !other) {
    return { path, kind, first, second, difference: (first ?? second)?.norm ?? 0, cosine: null };
  }
  checkShape(one, other);
  const cosine = cosineOf(innerProduct(one, other), first!.norm, second!.norm);
  return { path, kind, first, second, difference: differenceNorm(one, other), cosine };
}

function checkShape(one: Update, other: Update): void {
  const shape = ({ kind, sides, right }: Update) => `${kind} [${[...sides.before, right.columns].join(', ')}]`;
  if (shape(one) === shape(other)) return;
  throw new LowrankError('shape-mismatch', {
    given: `"${one.path}": a ${shape(one)} in the first adapter, a ${shape(other)} in the second`,
    rule: 'adapters that are compared are of one base',
    fix: 'compare adapters of the same model',
  });
}

function root(values: number[]): number {
  return Math.hypot(...values);
}
