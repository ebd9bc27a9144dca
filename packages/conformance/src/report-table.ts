import { conformanceCases } from './cases.js';
import { shareOf } from './outcome.js';
import type { CaseResult, Report } from './run-conformance.js';
import { hasKernel, tolerances, type Op } from './tolerances.js';

export interface ReportTableOptions {
  /** Say of each cell how far off its worst case was, as a share of the tolerance; machines differ in it. Default true. */
  errors?: boolean;
}

/**
 * A Markdown table of ops by backends. A cell says how many cases passed of those that ran, and whether the op ran on a
 * kernel of the backend's own; notes below name what was left out or loosened.
 */
export function reportTable(reports: Report[], { errors = true }: ReportTableOptions = {}): string {
  const head = ['op', 'cases', 'tolerance', ...reports.map(({ backend }) => backend)];
  const rows = (Object.keys(tolerances) as Op[]).map((op) => [
    op,
    String(conformanceCases.filter((each) => each.op === op).length),
    toleranceOf(tolerances[op]),
    ...reports.map(({ results }) =>
      cell(
        op,
        results.filter((each) => each.op === op),
        errors,
      ),
    ),
  ]);
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return [...lines, ...reports.flatMap(notes).map((note) => `\n${note}`)].join('\n');
}

function cell(op: Op, results: CaseResult[], errors: boolean): string {
  if (results.length === 0) return 'not run';
  const passed = results.filter((each) => each.passed).length;
  const worst = Math.max(...results.map(shareOf)).toFixed(2);
  return [
    `${passed}/${results.length}`,
    ...(errors ? [worst] : []),
    ...(hasKernel(op) ? [kernelOf(results)] : []),
  ].join(' · ');
}

/** Bad input is refused before any kernel, so that a few cases without one are no sign of a composed op. */
function kernelOf(results: CaseResult[]): string {
  return results.some(({ own }) => own) ? 'own' : 'composed';
}

function notes({ backend, large, overrides }: Report): string[] {
  return [
    ...(large ? [] : [`${backend}: without the large shapes.`]),
    ...Object.entries(overrides).map(
      ([op, tolerance]) => `${backend}: ${op} is held to ${toleranceOf(tolerance)}, for ${tolerance.because}.`,
    ),
  ];
}

function toleranceOf({ atol, rtol }: { atol: number; rtol: number }): string {
  return atol === 0 && rtol === 0 ? 'exact' : `${atol.toExponential()} + ${rtol.toExponential()} · max`;
}
