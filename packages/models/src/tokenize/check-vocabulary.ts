import { LowrankError } from '@lowrank/core';

/** More ids than any vocabulary has: the library makes lists as long as the largest. */
const mostIds = 2 ** 22;

/** Throws `file-invalid` for a token of `tokenizer.json` whose id is none, before anything is made as long as it says. */
export function checkVocabulary(json: object, file: string): void {
  const { model, added_tokens: added } = json as Parts;
  const vocab = model?.vocab;
  const named: [token: unknown, id: unknown][] = [
    ...(typeof vocab === 'object' && vocab !== null && !Array.isArray(vocab) ? Object.entries(vocab) : []),
    ...(Array.isArray(added) ? added.map((one: Added): [unknown, unknown] => [one?.content, one?.id]) : []),
  ];
  const bad = named.find(([, id]) => !(Number.isSafeInteger(id) && (id as number) >= 0 && (id as number) < mostIds));
  if (!bad) return;
  throw new LowrankError('file-invalid', {
    given: `${file}: the id of ${JSON.stringify(bad[0])?.slice(0, 60)} is ${JSON.stringify(bad[1])?.slice(0, 60)}`,
    rule: `an id is a whole number from 0 to ${mostIds - 1}`,
    fix: 'fetch the file again',
  });
}

interface Parts {
  model?: { vocab?: unknown } | null;
  added_tokens?: unknown;
}

type Added = { content?: unknown; id?: unknown } | null;
