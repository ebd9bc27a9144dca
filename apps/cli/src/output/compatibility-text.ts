import type { Compatibility, Finding } from '@lowrank/formats';

/** Findings as lines for people. */
export function findingLines(findings: Finding[]): string[] {
  return findings.map(
    ({ feature, places, verdict, why }) => `  ${words[verdict]}  ${feature} (${some(places)}): ${why}`,
  );
}

const words = { taken: 'taken', rewritten: 'rewritten', strippable: 'left out', refused: 'refused' };

/** Who can run an adapter, and what is in the way, as lines for people. */
export function compatibilityText(all: Compatibility[]): string[] {
  const width = Math.max(...all.map(({ program }) => program.length));
  return all.map(({ program, verdict, findings, maxLoraRank }) => {
    const because = findings.filter((finding) => finding.verdict === verdict).map(({ feature }) => feature);
    const room = maxLoraRank === undefined || verdict === 'refused' ? [] : [`--max-lora-rank ${maxLoraRank}`];
    const notes = [...because, ...room].join(', ');
    return `${program.padEnd(width)}  ${verdicts[verdict]}${notes && ` (${notes})`}`;
  });
}

const verdicts = {
  taken: 'as it is',
  rewritten: 'in another form',
  strippable: 'with --strip',
  refused: 'not',
};

function some(places: string[]): string {
  return places.length > 3 ? `${places.slice(0, 3).join(', ')}, …` : places.join(', ');
}
