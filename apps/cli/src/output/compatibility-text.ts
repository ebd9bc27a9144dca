import type { Compatibility, Finding } from '@lowrank/formats';
import { table } from './table.js';

/** Findings as lines for people. */
export function findingLines(findings: Finding[]): string[] {
  return findings.map(
    ({ feature, places, verdict, why }) => `  ${words[verdict]}  ${feature} (${some(places)}): ${why}`,
  );
}

const words = { taken: 'taken', rewritten: 'rewritten', strippable: 'left out', refused: 'refused' };

/** Who can run an adapter, as a table for people, and why not. */
export function compatibilityText(all: Compatibility[]): string[] {
  const rows = all.map(({ program, verdict, findings, maxLoraRank }) => [
    program,
    verdicts[verdict],
    [
      ...findings.filter((finding) => finding.verdict === verdict).map(({ feature }) => feature),
      ...(maxLoraRank === undefined ? [] : [`--max-lora-rank ${maxLoraRank}`]),
    ].join(', '),
  ]);
  return table([['for', '', ''], ...rows]).map((line) => line.trimEnd());
}

const verdicts = {
  taken: 'as it is',
  rewritten: 'rewritten',
  strippable: 'with --strip',
  refused: 'not',
};

function some(places: string[]): string {
  return places.length > 3 ? `${places.slice(0, 3).join(', ')}, …` : places.join(', ');
}
