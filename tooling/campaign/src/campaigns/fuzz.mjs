// `pnpm run fuzz` in pieces, each parser in a process of its own, so that it can be stopped and gone on with.
import { pnpm, run } from '../../../setup/steps.mjs';
import { optionsOf } from '../options.mjs';
import { readResult, writeResult } from '../results.mjs';

/**
 * `--cases` for each parser in all, in pieces of `--piece`, each of another seed, where there are fewest so far; `--only` is
 * part of a parser's name. One that fails is left for the others, and meets the same piece in the next call.
 */
export async function campaign(args) {
  const { cases, piece, only, until } = optionsOf(args, { cases: 1_000_000, piece: 250_000, only: '' });
  const parsers = readResult('fuzz')?.parsers ?? {};
  for (const name of await parserNames()) {
    parsers[name] ??= { cases: 0, pieces: 0, refused: 0, slowestMs: 0, mostGrownMiB: 0 };
  }
  const failed = new Set();
  while (performance.now() < until) {
    const left = Object.keys(parsers).filter(
      (name) => name.includes(only) && parsers[name].cases < cases && !failed.has(name),
    );
    if (left.length === 0) break;
    const name = left.reduce((least, one) => (parsers[one].cases < parsers[least].cases ? one : least));
    const found = parsers[name];
    const { report, output } = await fuzzed(name, Math.min(piece, cases - found.cases), found.pieces + 1);
    if (report) add(found, report);
    else failed.add(name);
    console.log(name, report ? JSON.stringify(found) : output);
    await writeResult('fuzz', { parsers });
  }
  if (failed.size > 0) process.exitCode = 1;
}

function add(found, report) {
  found.cases += report.cases;
  found.pieces += 1;
  found.refused += report.refused;
  found.slowestMs = Math.max(found.slowestMs, Math.round(report.slowest));
  found.mostGrownMiB = Math.max(found.mostGrownMiB, report.grownMiB);
}

async function parserNames() {
  const { code, output } = await run(pnpm('exec', 'vitest', 'list', 'fuzz.test', '--json'));
  if (code !== 0) throw new Error(output);
  const tests = JSON.parse(output.slice(output.indexOf('[')));
  return tests.map(({ name }) => / each (.+) is read, or refused/.exec(name)?.[1]).filter(Boolean);
}

async function fuzzed(name, cases, seed) {
  const pattern = `each ${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')} is read`;
  const extraEnv = { FUZZ_CASES: String(cases), FUZZ_SEED: String(seed), NO_COLOR: '1', FORCE_COLOR: '0' };
  const { code, output } = await run(pnpm('exec', 'vitest', 'run', 'fuzz.test', '-t', pattern), { extraEnv });
  const line = output.split('\n').find((one) => one.startsWith('{"target"'));
  return { output, report: code === 0 && line !== undefined ? JSON.parse(line) : undefined };
}
