import { LowrankError } from '@lowrank/core';
import type { TokenWindows } from '@lowrank/trainer';
import { countOf, type TokenData } from './data.js';

/** The last `share` of the data apart from the rest; at least one window or example stays on each side. */
export function splitData(data: TokenData, share: number): { train: TokenData; heldOut: TokenData } {
  const count = countOf(data);
  const held = Math.max(1, Math.round(count * share));
  if (count - held < 1) throw tooFew(data);
  return { train: part(data, 0, count - held), heldOut: part(data, count - held, count) };
}

function part(data: TokenData, from: number, to: number): TokenData {
  const { sequences } = data;
  return { ...data, sequences: Array.isArray(sequences) ? sequences.slice(from, to) : windows(sequences, from, to) };
}

function windows({ ids, targets, seq }: TokenWindows, from: number, to: number): TokenWindows {
  return { ids: ids.slice(from * seq, to * seq), targets: targets.slice(from * seq, to * seq), count: to - from, seq };
}

function tooFew(data: TokenData): LowrankError {
  const { sequences } = data;
  const count = countOf(data);
  const what = Array.isArray(sequences) ? 'example' : 'window';
  const given = `${count} ${what}${count === 1 ? '' : 's'}`;
  return new LowrankError('data-invalid', {
    given: Array.isArray(sequences) ? given : `${given} of ${sequences.seq} tokens`,
    rule: 'at least one is held out and one is trained on',
    fix: Array.isArray(sequences)
      ? 'give more, or --eval-data'
      : 'give more text, a shorter --sequence, or --eval-data',
  });
}
