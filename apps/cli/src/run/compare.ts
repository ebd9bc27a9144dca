import { compare, type ModuleComparison, type OtherComparison } from '@lowrank/combine';
import { readPeft } from '@lowrank/formats';
import { adapterFolder } from '../inputs/hub-source.js';
import { reporter } from '../output/reporter.js';
import { table } from '../output/table.js';

export interface CompareFlags {
  first: string;
  second: string;
  offline?: boolean;
  json?: boolean;
}

/** Prints how two adapters differ. */
export async function runCompare(flags: CompareFlags): Promise<void> {
  const print = reporter(flags.json ?? false);
  const [first, second] = [
    await readPeft(await adapterFolder(flags.first, flags)),
    await readPeft(await adapterFolder(flags.second, flags)),
  ];
  const comparison = compare(first, second, [flags.first, flags.second]);
  print.event({ type: 'comparison', first: flags.first, second: flags.second, ...comparison });
  if (flags.json) return;
  const { total, modules, others } = comparison;
  const [norm, otherNorm] = total.norms.map(short);
  const sums = ['all', '', '', norm!, otherNorm!, short(total.difference), cosineText(total.cosine), '', '', '', ''];
  for (const line of table([heads, ...modules.map(moduleRow), sums])) print.line(line);
  if (others.length === 0) return;
  print.line();
  for (const line of table([['besides updates', '|1st|', '|2nd|', '|1st-2nd|'], ...others.map(otherRow)]))
    print.line(line);
}

const heads = [
  'module',
  'rank 1st',
  '2nd',
  '|1st|',
  '|2nd|',
  '|1st-2nd|',
  'cosine',
  'effective rank 1st',
  '2nd',
  'stable rank 1st',
  '2nd',
];

function moduleRow({ path, first, second, difference, cosine }: ModuleComparison): string[] {
  const both = (of: (facts: NonNullable<typeof first>) => string) =>
    [first, second].map((facts) => (facts ? of(facts) : '-'));
  return [
    path,
    ...both(({ rank }) => String(rank)),
    ...both(({ norm }) => short(norm)),
    short(difference),
    cosineText(cosine),
    ...both(({ effectiveRank }) => effectiveRank.toFixed(2)),
    ...both(({ stableRank }) => stableRank.toFixed(2)),
  ];
}

function otherRow({ name, norms, difference }: OtherComparison): string[] {
  return [name, ...[...norms, difference].map((value) => (value === undefined ? '-' : short(value)))];
}

function short(value: number): string {
  return value === 0 ? '0' : value.toPrecision(3);
}

function cosineText(cosine: number | null): string {
  return cosine === null ? '-' : cosine.toFixed(4);
}
