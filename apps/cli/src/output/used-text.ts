import type { HeldOutLosses } from '../rank/held-out-loss.js';
import type { UsedRank } from '../rank/used-ranks.js';
import { table } from './table.js';
import { countText } from './units.js';

export interface UsedReport {
  energy: number;
  parameters: { before: number; after: number };
  losses: HeldOutLosses | null;
  modules: UsedRank[];
}

/** The ranks that an adapter uses, as lines for people. */
export function usedReport({ energy, parameters, losses, modules }: UsedReport): string[] {
  const share = 100 * (1 - parameters.after / parameters.before);
  const heads = ['module', 'rank', `holds ${100 * energy} %`, 'effective', 'stable', 'cut to', 'relative error'];
  const rows = modules.map(({ path, rank, used, effectiveRank, stableRank, cut, error }) => [
    path,
    ...[
      String(rank),
      String(used),
      effectiveRank.toFixed(2),
      stableRank.toFixed(2),
      String(cut),
      error.toExponential(1),
    ],
  ]);
  return [
    ...table([heads, ...rows]),
    '',
    `parameters    ${countText(parameters.before)} before, ${countText(parameters.after)} after: ${share.toFixed(1)} % fewer`,
    ...(losses
      ? [`held-out loss ${losses.before.toFixed(4)} before, ${losses.after.toFixed(4)} after, nats a target`]
      : []),
  ];
}
