/** FNV-1a over the values and lengths of all lists, as eight hex digits: enough to tell one data set from another. */
export function hash(lists: Iterable<ArrayLike<number>>): string {
  let state = 0x811c9dc5;
  const add = (value: number) => (state = Math.imul(state ^ value, 0x01000193));
  for (const list of lists) {
    for (let index = 0; index < list.length; index++) add(list[index] as number);
    add(list.length);
  }
  return (state >>> 0).toString(16).padStart(8, '0');
}
