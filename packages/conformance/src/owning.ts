import { withoutLeak } from './without-leak.js';

/** Takes over what must be disposed of when a case ends. */
export type Own = <Kept extends { dispose(): void }>(kept: Kept) => Kept;

/** What `work` gives, with all that it owned disposed of. Throws where anything else is left behind. */
export function owning<Result>(work: (own: Own) => Promise<Result>): Promise<Result> {
  return withoutLeak(async () => {
    const owned: { dispose(): void }[] = [];
    try {
      return await work((kept) => {
        owned.push(kept);
        return kept;
      });
    } finally {
      owned.forEach((each) => each.dispose());
    }
  });
}
