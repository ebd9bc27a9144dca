import { patternValue } from '@lowrank/core/plan';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { consumers, type ConsumerName, type Rule } from './consumer.js';
import { featuresOf, type BaseFacts, type Feature } from './features.js';

/** What a consumer makes of one thing that an adapter holds. */
export interface Finding extends Rule {
  feature: Feature | 'rank';
  /** Where it is: paths of modules, or keys of the config. */
  places: string[];
}

export interface Compatibility {
  consumer: ConsumerName;
  /** The program and version that the table is of. */
  program: string;
  /** The worst of the findings: `taken` where there is none. */
  verdict: Rule['verdict'];
  findings: Finding[];
  /** What its `--max-lora-rank` must be at least, for a consumer that makes room for ranks of certain sizes. */
  maxLoraRank?: number;
}

/** What a consumer makes of an adapter, feature by feature; those that it takes as they are need no mention. */
export function compatibility(adapter: PeftFolder, consumer: ConsumerName, base: BaseFacts = {}): Compatibility {
  const { program, rules, rooms } = consumers[consumer];
  const findings: Finding[] = [];
  for (const [feature, places] of featuresOf(adapter, base)) {
    const rule = rules[feature];
    if (rule) findings.push({ feature, places, ...rule });
  }
  const rank = Math.max(...ranksOf(adapter), 0);
  const room = rooms?.find((size) => size >= rank);
  if (rooms && room === undefined) {
    const why = `rank ${rank} is beyond its largest, ${rooms.at(-1)}; ranks above are none that it makes room for`;
    findings.push({ feature: 'rank', places: ['"r"'], verdict: 'refused', why });
  }
  const worst = order.findLast((verdict) => findings.some((finding) => finding.verdict === verdict));
  return { consumer, program, verdict: worst ?? 'taken', findings, ...(room !== undefined && { maxLoraRank: room }) };
}

const order = ['taken', 'rewritten', 'strippable', 'refused'] as const;

function ranksOf({ config, entries }: PeftFolder): number[] {
  const patterns = (config['rank_pattern'] ?? {}) as Record<string, number>;
  return entries
    .filter(({ kind }) => kind === 'linear' || kind === 'embedding')
    .map(({ path }) => patternValue(patterns, path) ?? ((config['r'] ?? 8) as number));
}
