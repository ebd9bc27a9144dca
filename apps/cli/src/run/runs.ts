import { writeFileAtomic } from '@lowrank/formats';
import { reporter } from '../output/reporter.js';
import { table } from '../output/table.js';
import { wrongOption } from '../output/usage-error.js';
import { findRuns } from '../runs/find-runs.js';
import { differingOptions, runRow, runsHead } from '../runs/compare-runs.js';
import { readRun } from '../runs/read-run.js';

export interface RunsFlags {
  folders: string[];
  html?: string;
  json?: boolean;
}

/** Lists runs, the latest last. */
export async function runRuns({ folders, html, json = false }: RunsFlags): Promise<void> {
  const places = folders.length > 0 ? folders : ['.'];
  const found = await Promise.all(places.map(findRuns));
  const runs = await Promise.all([...new Set(found.flat())].map(readRun));
  if (runs.length === 0) {
    throw wrongOption({
      given: places.join(', '),
      rule: 'no run of lowrank train is there, nor up to three folders deeper',
      fix: 'name a folder that was the --out of one',
    });
  }
  runs.sort((left, right) => (left.started ?? '').localeCompare(right.started ?? ''));
  const out = reporter(json);
  for (const { events: _, ...run } of runs) out.event({ type: 'run', ...run });
  if (!json) {
    const keys = differingOptions(runs);
    for (const line of table([[...runsHead, ...keys], ...runs.map((run) => runRow(run, keys))])) out.line(line);
  }
  if (html === undefined) return;
  const { htmlReport } = await import('../runs/html-report.js');
  await writeFileAtomic(html, new TextEncoder().encode(htmlReport(runs)));
  out.event({ type: 'report', file: html });
  out.line(`report in ${html}`);
}
