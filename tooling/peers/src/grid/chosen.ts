/**
 * Which ids `--only` takes: the very one, where it is one of `ids`; else those that it is a part of or, as an expression,
 * matches. An id holds `+` and `.`, so a text of nothing else than an id has is taken word by word.
 */
export function chosen(only: string, ids: Iterable<string>): (id: string) => boolean {
  if (new Set(ids).has(only)) return (id) => id === only;
  const expression = new RegExp(/^[\w/+.-]*$/.test(only) ? only.replaceAll(/[+.]/g, String.raw`\$&`) : only);
  return (id) => expression.test(id);
}
