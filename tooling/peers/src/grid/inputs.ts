import type { Base, Head } from './base.js';

/** What both sides are given, `[batch][seq]`, and what they are trained towards. */
export interface Inputs {
  ids: number[][];
  /** 1 for a token, 0 for padding. */
  mask?: number[][];
  /** Which of two texts a token is of. */
  types?: number[][];
  /** Token ids `[batch][seq]`, -100 for none; or a class each, `[batch]`. */
  targets?: number[][] | number[];
}

const [batch, seq] = [2, 11];

/** The same numbers on every run, for a base of `vocab` tokens. */
export function inputsOf({ head, config }: Pick<Base, 'head' | 'config'>): Inputs {
  const ids = idsBelow(Number(config['vocab_size'] ?? 96));
  if (head === 'causal') return { ids, targets: ids.map((row) => row.map((_, at) => targetAt(row, at))) };
  const mask = ids.map((row, index) => row.map((_, at) => (index > 0 && at >= 7 ? 0 : 1)));
  const types = ids.map((row) => row.map((_, at) => (at < 4 ? 0 : 1)));
  return { ids, mask, types, ...classes(head, config) };
}

/** Knuth's multiplicative hash of the place. */
function idsBelow(vocab: number): number[][] {
  const id = (at: number) => Math.floor((((at + 1) * 2654435761) % 2 ** 32) / (2 ** 32 / vocab));
  return Array.from({ length: batch }, (_, row) => Array.from({ length: seq }, (__, at) => id(row * seq + at)));
}

/** The next token; none at the end and at every fifth place. */
function targetAt(row: number[], at: number): number {
  return at % 5 === 4 ? -100 : (row[at + 1] ?? -100);
}

function classes(head: Head, config: Record<string, unknown>): Pick<Inputs, 'targets'> {
  if (head !== 'classifier') return {};
  return { targets: Array.from({ length: batch }, (_, row) => (row + 1) % Number(config['num_labels'])) };
}
