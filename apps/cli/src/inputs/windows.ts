import { LowrankError } from '@lowrank/core';
import type { CausalModel, Tokenizer } from '@lowrank/models';
import { packDocuments, readTexts, type TokenWindows } from '@lowrank/trainer';
import { wrongOption } from '../output/usage-error.js';

/** Tokens a window where none are asked for: enough for a paragraph, little enough for a laptop. */
const usualSequence = 256;

/** `--sequence`, or its default for this model. Throws a usage error beyond the model's positions. */
export function sequenceFor({ config }: CausalModel, asked: number | undefined): number {
  const most = config.maxPositions;
  if (asked === undefined) return Math.min(usualSequence, most);
  if (asked <= most) return asked;
  throw wrongOption({
    given: `--sequence ${asked}`,
    rule: `the model reads at most ${most} positions`,
    fix: 'give a smaller one',
  });
}

/** The texts behind `paths` as token windows. Throws as `readTexts` does. */
export async function readWindows(paths: string[], tokenizer: Tokenizer, seq: number): Promise<TokenWindows> {
  const texts = await readTexts(paths);
  const documents = texts.map(({ text }) => tokenizer.encode(text));
  const { eosTokenId } = tokenizer;
  return packDocuments(documents, eosTokenId === undefined ? { seq } : { seq, endOfTextId: eosTokenId });
}

/** The last `share` of the windows apart from the rest; at least one stays on each side. */
export function splitWindows(windows: TokenWindows, share: number): { train: TokenWindows; heldOut: TokenWindows } {
  const held = Math.max(1, Math.round(windows.count * share));
  if (windows.count - held < 1) {
    throw new LowrankError('data-invalid', {
      given: `${windows.count} window${windows.count === 1 ? '' : 's'} of ${windows.seq} tokens`,
      rule: 'at least one is held out and one is trained on',
      fix: 'give more text, a shorter --sequence, or --eval-data',
    });
  }
  return { train: part(windows, 0, windows.count - held), heldOut: part(windows, windows.count - held, windows.count) };
}

function part({ ids, targets, seq }: TokenWindows, from: number, to: number): TokenWindows {
  return { ids: ids.slice(from * seq, to * seq), targets: targets.slice(from * seq, to * seq), count: to - from, seq };
}
