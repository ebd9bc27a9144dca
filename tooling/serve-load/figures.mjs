import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const page = new URL('../../docs/serving.md', import.meta.url);
const marked = /(<!-- load: by `node tooling\/serve-load\/main\.mjs` -->\n)([^]*?)(<!-- \/load -->)/;
const head =
  '| run | answers | wrong | failed | answers/s | tokens/s | p50 | p99 | resident, MiB: second and last quarter, most |\n' +
  '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |\n';

/**
 * Puts a run's figures into docs/serving.md, in place of an earlier run of that length.
 *
 * @param what ran beside it, such as `alone`
 */
export function writeFigures(result, what) {
  const run = `${Math.round(result.seconds / 6) / 10} min on ${availableParallelism()} cores, `;
  const text = readFileSync(page, 'utf8');
  const [, , before] = marked.exec(text);
  const others = before.split('\n').filter((line) => /^\| \d/.test(line) && !line.startsWith(`| ${run}`));
  const rows = [...others, rowOf(run + what, result)].toSorted(
    (left, right) => Number.parseFloat(left.slice(2)) - Number.parseFloat(right.slice(2)),
  );
  writeFileSync(page, text.replace(marked, `$1\n${head}${rows.join('\n')}\n\n$3`));
}

function rowOf(run, { answers, wrong, failed, answersPerSecond, tokensPerSecond, p50Ms, p99Ms, residentMiB }) {
  const { second, last, most } = residentMiB;
  const cells = [
    ...[run, answers.toLocaleString('en'), wrong, failed],
    ...[answersPerSecond.toFixed(1), tokensPerSecond.toFixed(0), `${p50Ms} ms`, `${p99Ms} ms`],
    `${second}, ${last}, ${most}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** What samples of resident memory come to: the means of the second and the last quarter, and the most. */
export function resident(samples) {
  const quarter = Math.floor(samples.length / 4);
  const mean = (part) => Math.round(part.reduce((sum, value) => sum + value, 0) / part.length);
  return {
    second: mean(samples.slice(quarter, 2 * quarter)),
    last: mean(samples.slice(-quarter)),
    most: Math.max(...samples),
  };
}
