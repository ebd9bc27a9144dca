import { useBackend } from '@lowrank/core';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backendOf } from './backend.js';
import { optionsOf, usage, type GridOptions } from './grid-options.js';
import { isPageOf, writePage } from './page.js';
import { PythonWorker } from './python-worker.js';
import type { RealModels } from './real-cases.js';
import { report, type Report } from './report.js';
import { runCases } from './run-cases.js';
import { Session } from './session.js';

export interface Peers extends RealModels {
  /** The folder of tooling/peers. */
  here: string;
  /** An interpreter with the packages of requirements.txt. */
  python: string;
}

/** `pnpm run peers`: runs the grid and prints what came of it. Returns the exit code. */
export async function main(args: string[], peers: Peers): Promise<number> {
  let options: GridOptions;
  try {
    options = optionsOf(args);
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  if (options.help) {
    console.log(usage);
    return 0;
  }
  const made = await run(options, peers);
  const page = join(peers.here, '..', '..', 'docs', 'peers.md');
  if (options.write) await writePage(page, made);
  const stale = options.check && made.missing.length === 0 && !(await isPageOf(page, made));
  if (stale) console.error('docs/peers.md is of other cases: pnpm run peers --write');
  console.log(options.json ? JSON.stringify(made) : report(made));
  const passed = made.results.length > 0 && made.results.every(({ status }) => status !== 'failed');
  return passed && !stale ? 0 : 1;
}

async function run(options: GridOptions, peers: Peers): Promise<Report> {
  const start = performance.now();
  await useBackend(backendOf(options.backend));
  const python = await PythonWorker.start(peers.python, join(peers.here, 'python', 'worker.py'));
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-peers-'));
  const session = new Session(python, folder);
  try {
    const versions = await python.ask<Record<string, string>>('versions');
    const { results, missing } = await runCases(session, options.only, peers);
    return { versions, backend: options.backend, results, missing, milliseconds: performance.now() - start };
  } finally {
    await session.dispose();
    python.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
