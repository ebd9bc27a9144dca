import { groups, type GroupName } from './groups.js';
import type { Result } from './result.js';

export interface Report {
  /** Of the peers, by package. */
  versions: Record<string, string>;
  backend: string;
  results: Result[];
  /** A line for each model that could not be had. */
  missing: string[];
  milliseconds: number;
}

/** One row a group. */
export interface Row {
  group: GroupName;
  cases: number;
  refused: number;
  failed: number;
  /** The id of the case that differs most, and by how much. */
  worst: Result | undefined;
  seconds: number;
}

export function rowsOf(results: Result[]): Row[] {
  return (Object.keys(groups) as GroupName[]).flatMap((group) => {
    const own = results.filter((result) => result.group === group);
    if (own.length === 0) return [];
    const counted = (status: Result['status']) => own.filter((result) => result.status === status).length;
    const compared = own.filter(({ status }) => status !== 'refused');
    const worst = compared.toSorted((left, right) => right.difference - left.difference)[0];
    const seconds = own.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
    return [{ group, cases: compared.length, refused: counted('refused'), failed: counted('failed'), worst, seconds }];
  });
}

/** For a terminal: the table, then each failure. */
export function report({ versions, backend, results, missing, milliseconds }: Report): string {
  const rows = rowsOf(results).map(({ group, cases, refused, failed, worst, seconds }) => [
    group,
    String(cases),
    String(refused),
    String(failed),
    worst ? worst.difference.toExponential(1) : '',
    String(groups[group].tolerance),
    seconds.toFixed(1),
    groups[group].title,
  ]);
  const failures = results.filter(({ status }) => status === 'failed');
  const peers = Object.entries(versions).map((entry) => entry.join(' '));
  const passed = results.filter(({ status }) => status === 'passed').length;
  const refused = results.filter(({ status }) => status === 'refused').length;
  return [
    ...aligned([['group', 'cases', 'refused', 'failed', 'worst', 'tolerance', 's', ''], ...rows]),
    '',
    ...failures.map(({ id, message }) => `FAILED ${id}: ${message}`),
    ...missing.map((line) => `missing: ${line}`),
    `${backend} against ${peers.join(', ')}, in ${(milliseconds / 1000).toFixed(1)} s`,
    `${passed} passed, ${refused} refused by name, ${failures.length} failed`,
  ].join('\n');
}

function aligned(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column === 0 || column === widths.length - 1 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}
