import { conformanceCases } from './cases.js';
import { shareOf } from './outcome.js';
import type { CaseResult, Report } from './run-conformance.js';
import { tolerances, type Op } from './tolerances.js';

/**
 * A Markdown table of ops by backends. A cell says how many cases passed of those that ran, the worst error as a share of its
 * tolerance, and whether the op ran on a kernel of the backend's own; notes below name what was left out or loosened.
 */
export function reportTable(reports: Report[]): string {
  const head = ['op', 'cases', 'tolerance', ...reports.map(({ backend }) => backend)];
  const rows = (Object.keys(tolerances) as Op[]).map((op) => [
    op,
    String(conformanceCases.filter((each) => each.op === op).length),
    `${tolerances[op].atol} + ${tolerances[op].rtol} · max`,
    ...reports.map(({ results }) => cell(results.filter((each) => each.op === op))),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...lines, ...reports.flatMap(notes).map((note) => `\n${note}`)].join('\n');
}

function cell(results: CaseResult[]): string {
  if (results.length === 0) return 'not run';
  const passed = results.filter((each) => each.passed).length;
  const worst = Math.max(...results.map(shareOf));
  return [`${passed}/${results.length}`, worst.toFixed(2), kernelOf(results)].join(' · ');
}

/** Bad input is refused before any kernel, so that a few cases without one are no sign of a composed op. */
function kernelOf(results: CaseResult[]): string {
  return results.some(({ own }) => own) ? 'own' : 'composed';
}

function notes({ backend, large, overrides }: Report): string[] {
  return [
    ...(large ? [] : [`${backend}: without the large shapes.`]),
    ...Object.entries(overrides).map(
      ([op, { atol, rtol, because }]) =>
        `${backend}: ${op} is held to ${atol} + ${rtol} · max, for ${because}.`,
    ),
  ];
}
