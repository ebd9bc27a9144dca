/**
 * How many tokens of two texts stay so that both have at most `most` together: the longer one is cut first, and only
 * where the shorter one alone takes more than its half are both, as `tokenizers` does with `longest_first`.
 */
export function longestFirst(first: number, second: number, most: number): [first: number, second: number] {
  if (first + second <= most) return [first, second];
  const shorter = Math.min(first, second);
  const longer = Math.max(shorter, most - shorter);
  const kept: [number, number] =
    shorter + longer <= most ? [shorter, longer] : [Math.floor(most / 2), Math.ceil(most / 2)];
  return first <= second ? kept : [kept[1], kept[0]];
}
