import type { WeightedParts } from '../adapter/joined-saved.js';

/** Adapters by what they hold and count, so that the order they came in changes no rounding. */
export function inOneOrder(adapters: WeightedParts[]): WeightedParts[] {
  return adapters.toSorted((left, right) => difference(valuesOf(left), valuesOf(right)) || left.weight - right.weight);
}

function valuesOf({ updates, whole, rows }: WeightedParts): ArrayLike<number>[] {
  const factors = [...updates.values()].flatMap(({ path, left, right, bias }) => [
    { path, data: right.data },
    { path, data: left.data },
    ...(bias ? [{ path, data: bias }] : []),
  ]);
  const saved = [...whole].map(([path, { data }]) => ({ path, data }));
  const trained = [...rows].map(([path, { values }]) => ({ path, data: values.data }));
  return [...factors, ...saved, ...trained]
    .toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0))
    .map(({ data }) => data);
}

/** Of the first value that is not the same. */
function difference(left: ArrayLike<number>[], right: ArrayLike<number>[]): number {
  for (let part = 0; part < Math.min(left.length, right.length); part++) {
    const [one, other] = [left[part] as ArrayLike<number>, right[part] as ArrayLike<number>];
    if (one.length !== other.length) return one.length - other.length;
    for (let at = 0; at < one.length; at++) {
      if (one[at] !== other[at]) return (one[at] as number) - (other[at] as number);
    }
  }
  return left.length - right.length;
}
