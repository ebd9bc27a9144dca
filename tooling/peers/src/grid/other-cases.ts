import { familyOf, type Base } from './base.js';
import type { GroupName } from './groups.js';
import { optimizerCases } from './optimizer-cases.js';
import type { Session } from './session.js';
import { severalCases } from './several-cases.js';
import { startCases } from './start-cases.js';
import { startWriteCases } from './start-write-cases.js';

/** A case that is no row of the covering array. */
export interface OtherCase {
  group: GroupName;
  name: string;
  /** The largest relative difference. */
  check: (session: Session) => Promise<number>;
}

/** On the first adapted base of each family, a BERT once with its states and once as a classifier. */
export function otherCases(bases: Base[]): OtherCase[] {
  const firsts = new Map<string, Base>();
  for (const base of bases.filter(({ adapted }) => adapted)) {
    const key = `${familyOf(base)} ${base.head}`;
    if (!firsts.has(key)) firsts.set(key, base);
  }
  return [startCases, startWriteCases, optimizerCases, severalCases].flatMap((casesOn) =>
    [...firsts.values()].flatMap(casesOn),
  );
}
