/** An option's parser that also reads a config's list or map entry by entry, so that no comma within one parts it. */
export interface EntriesParser<Value> {
  (text: string): Value;
  /** Throws `InvalidArgumentError` as the parser of texts does. */
  ofEntries(entries: object): Value;
}

export function entriesParser<Value>(
  ofText: (text: string) => Value,
  ofEntries: (entries: object) => Value,
): EntriesParser<Value> {
  return Object.assign((text: string) => ofText(text), { ofEntries });
}
