/** A value of the library's, as far as it is looked at here. */
export interface Value {
  type: string;
  value: unknown;
}

/** What each member of a list costs that is gone through, in characters. */
const memberCost = 10;

/** Of what an operation reads that goes through a value's own members, or characters. */
export function shallowSize({ value }: Value): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return memberCost * value.length;
  return value instanceof Map ? memberCost * value.size : 1;
}

export interface DeepSizeOptions {
  /** Counting ends beyond it: a list may hold another twice, and that one a third twice, and so on. */
  limit: number;
  /** Counts a number as that many characters. */
  numbers?: boolean;
}

/** Of a value written out, with as many blanks before each line as it lies deep. */
export function deepSize(value: Value, { limit, numbers = false }: DeepSizeOptions): number {
  const pending: [value: Value, depth: number][] = [[value, 0]];
  let size = 0;
  for (let next = pending.pop(); next !== undefined && size <= limit; next = pending.pop()) {
    const [{ type, value: held }, depth] = next;
    size += 1 + depth;
    if (typeof held === 'string') size += held.length;
    if (typeof held === 'number' && numbers && type === 'IntegerValue') size += Math.abs(held);
    const members = Array.isArray(held) ? (held as Value[]) : held instanceof Map ? [...(held.values() as Iterable<Value>)] : [];
    if (held instanceof Map) for (const key of held.keys()) size += String(key).length;
    if (size + pending.length + members.length > limit) return Infinity;
    for (const member of members) pending.push([member, depth + 1]);
  }
  return size;
}
