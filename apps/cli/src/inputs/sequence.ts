import { wrongOption } from '../output/usage-error.js';

/** Tokens a window where none are asked for: enough for a paragraph, little enough for a laptop. */
const usualSequence = 256;

/** `--sequence`, or its default for this model. Throws a usage error beyond the model's positions. */
export function sequenceFor(
  { config: { maxPositions: most } }: { config: { maxPositions: number } },
  asked: number | undefined,
): number {
  if (asked === undefined) return Math.min(usualSequence, most);
  if (asked <= most) return asked;
  throw wrongOption({
    given: `--sequence ${asked}`,
    rule: `the model reads at most ${most} positions`,
    fix: 'give a smaller one',
  });
}
