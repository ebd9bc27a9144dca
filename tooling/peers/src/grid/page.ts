import { readFile, writeFile } from 'node:fs/promises';
import { groups, type Group } from './groups.js';
import { rowsOf, type Report } from './report.js';

/** Writes the page of the docs that says what the peers agree on, from a real run. */
export async function writePage(path: string, report: Report): Promise<void> {
  await writeFile(path, page(report));
}

/** Whether the page is that of such a run, whatever the differences were this time. */
export async function isPageOf(path: string, report: Report): Promise<boolean> {
  const timeless = (text: string) => text.replaceAll(/\d+(\.\d+)?e[-+]\d+/g, 'x');
  return timeless(await readFile(path, 'utf8').catch(() => '')) === timeless(page(report));
}

function page({ versions, backend, results, missing }: Report): string {
  const rows = rowsOf(results).map(({ group, cases, refused, failed, worst }) => {
    const { title, tolerance } = groups[group];
    return `| \`${group}\` | ${title} | ${cases - failed}/${cases} | ${refused || ''} | ${shown(worst?.difference)} | ${tolerance} |`;
  });
  const reasons = Object.entries(groups).map(([name, { because }]: [string, Group]) => `- \`${name}\`: ${because}`);
  const refusals = results.filter(({ status }) => status === 'refused').map(({ rule }) => `- ${rule}`);
  return `# What Transformers and PEFT agree on

Models and adapters of every family and option, computed by lowrank on its ${backend} backend and by
${Object.entries(versions)
  .slice(0, 3)
  .map((entry) => entry.join(' '))
  .join(', ')} from the same files. This page is written by \`pnpm run peers --write\`, from a run in full.

| group | what is held against what | passed | refused | worst | tolerance |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

A difference is the largest of a tensor, over the largest value of that tensor. A case that lowrank refuses is one that it
does not do: it must say so by name, and is counted apart.
${missing.map((line) => `\nNot run: ${line}\n`).join('')}
Adapters are of a pairwise covering array: every two options that PEFT allows together stand together in one of them at least,
each base among the options. \`pnpm run peers --only <id>\` runs one case again, with the same numbers.

Where an adapter changes an embedding that a head is tied to, PEFT leaves the head as it was but merges into both; here
merging changes no output, and such a \`merge\` case is held against PEFT unmerged.

## Why these tolerances

${reasons.join('\n')}

## What is refused

${[...new Set(refusals)].join('\n')}
`;
}

function shown(value = 0): string {
  return value === 0 ? '0' : value.toExponential(1);
}
