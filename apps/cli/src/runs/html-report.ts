import * as Plot from '@observablehq/plot';
import { schemeTableau10 } from './colours.js';
import { lossCurve } from '../output/loss-curve.js';
import { runPlots } from '../output/run-plots.js';
import { stepPlot } from '../output/step-plot.js';
import { differingOptions, optionText, runRow, runsHead } from './compare-runs.js';
import type { RunRecord } from './read-run.js';

/** Runs side by side as one HTML file: no script, no font, no picture from elsewhere. */
export function htmlReport(runs: RunRecord[]): string {
  const keys = differingOptions(runs);
  const rows = runs.map((run) => row('td', runRow(run, keys)));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Runs of lowrank</title>
<style>${style}</style>
</head>
<body>
<h1>Runs</h1>
<div class="wide"><table><thead>${row('th', [...runsHead, ...keys])}</thead><tbody>${rows.join('')}</tbody></table></div>
${runs.length > 1 ? overlay(runs) : ''}
${runs.map(section).join('\n')}
</body>
</html>
`;
}

/** The held-out losses of all runs in one plot. */
function overlay(runs: RunRecord[]): string {
  const domain = runs.map(({ out }) => out);
  const range = domain.map((_, index) => schemeTableau10[index % schemeTableau10.length]!);
  const held = (run: RunRecord) => run.events.filter((event) => event.type === 'eval-end');
  const marks = runs.flatMap((run) => [
    Plot.line(held(run), { x: 'step', y: 'loss', stroke: () => run.out, strokeWidth: 2 }),
    Plot.dot(held(run), { x: 'step', y: 'loss', fill: () => run.out, r: 3 }),
  ]);
  return `<h2>Held-out loss</h2>\n${stepPlot({ title: 'Held-out loss', y: 'loss, nats a target', kinds: { domain, range }, marks })}`;
}

function section({ out, events, options, environment }: RunRecord): string {
  const unit = options['task'] === 'classify' ? 'text' : 'token';
  const plots = events.some(({ type }) => type === 'step-end')
    ? [lossCurve(events, { title: 'Loss', unit }), ...Object.values(runPlots(events, unit))]
    : [];
  const samples = events.filter((event) => event.type === 'sample');
  const facts = Object.entries({ ...options, ...environment }).map(([key, value]) => row('td', [key, optionText(value)]));
  return `<section>
<h2>${escaped(out)}</h2>
<div class="plots">${plots.join('')}</div>
${samples.map(({ step, prompt, text }) => `<p>step ${step}: <b>${escaped(prompt)}</b>${escaped(text)}</p>`).join('\n')}
<details><summary>Options and environment</summary><table>${facts.join('')}</table></details>
</section>`;
}

const row = (cell: 'td' | 'th', texts: string[]) =>
  `<tr>${texts.map((text) => `<${cell}>${escaped(text)}</${cell}>`).join('')}</tr>`;

const escaped = (text: string) =>
  text.replace(/[&<>"]/g, (one) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[one]!);

const style = `
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 100rem; padding: 0 1rem; color: #222; background: #fff; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: left; border-bottom: 1px solid #ddd; white-space: nowrap; }
details td { white-space: normal; overflow-wrap: anywhere; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); gap: 1rem; }
svg { max-width: 100%; height: auto; }
`;
