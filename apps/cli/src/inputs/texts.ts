import { LowrankError } from '@lowrank/core';
import { createInterface } from 'node:readline';

/** A text to classify, and a second that it is judged with. */
export interface GivenText {
  text: string;
  pair?: string;
}

/**
 * Those given or, without any, the lines of stdin, where an object with `text` and `text_pair` is a pair of its own.
 * Throws `data-invalid`, naming the place, for a blank one.
 */
export async function* givenTexts(texts: string[], pair: string | undefined): AsyncGenerator<GivenText> {
  let place = 0;
  for await (const line of texts.length > 0 ? texts : createInterface({ input: process.stdin })) {
    place++;
    const one = (texts.length > 0 ? undefined : pairIn(line)) ?? { text: line, ...(pair !== undefined && { pair }) };
    const where = texts.length > 0 ? `text ${place}` : `line ${place} of stdin`;
    for (const [part, value] of Object.entries(one)) if (value.trim() === '') throw blank(part, where);
    yield one;
  }
}

/** What a line of data for training holds, without its label. */
function pairIn(line: string): GivenText | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { text, text_pair: pair } = JSON.parse(line) as Record<string, unknown>;
    return typeof text === 'string' && typeof pair === 'string' ? { text, pair } : undefined;
  } catch {
    return undefined; // a text that begins with a brace
  }
}

function blank(part: string, where: string): LowrankError {
  const given = part === 'pair' ? `the pair of ${where}` : where;
  return new LowrankError('data-invalid', { given, rule: 'it is blank', fix: 'leave it out' });
}
