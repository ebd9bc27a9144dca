// `lowrank fetch` from hubs that lie: each ends in a LowrankError, in bounded memory, with nothing written outside the cache.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { emptyFolder } from './folders.mjs';
import { cases } from './hostile/cases.mjs';
import { hostileHub } from './hostile/server.mjs';
import { endedWell, startLowrank } from './lowrank.mjs';

const hook = fileURLToPath(new URL('peak-memory.cjs', import.meta.url));
const longestMs = 180_000;

/**
 * @param options.short only the cases that take no tries and say most
 * @param options.names in a huge listing or index
 * @returns for each case how it ended, MiB at the peak, seconds; `peakOfHonest` beside them
 */
export async function hub({ folder, short = false, names = 1_000_000, onCase = () => {} }) {
  const outside = join(folder, 'sandbox', 'outside');
  const results = [];
  const honest = await one({ what: 'an honest one', answers: {} }, { folder, outside });
  if (honest.ended !== 'done') throw new Error(`an honest hub was not fetched from: ${JSON.stringify(honest)}`);
  for (const each of cases({ names, outside }).filter((one) => !short || one.short)) {
    results.push(await one(each, { folder, outside }));
    onCase(results.at(-1));
  }
  return { names, peakOfHonest: honest.peakMiB, cases: results };
}

async function one({ what, answers, before, hides = false }, { folder, outside }) {
  const sandbox = await emptyFolder(folder, 'sandbox');
  const cache = join(sandbox, 'cache');
  await mkdir(outside);
  await before?.(cache, outside);
  const served = await hostileHub(answers);
  const peakFile = join(folder, 'peak');
  await writeFile(peakFile, '0');
  const start = performance.now();
  const env = {
    ...process.env,
    HOME: sandbox,
    HF_HUB_CACHE: cache,
    HF_ENDPOINT: served.endpoint,
    NODE_OPTIONS: `--require ${hook}`,
    PEAK_FILE: peakFile,
  };
  const { child, ended } = startLowrank(['fetch', 'org/m'], { env, cwd: sandbox });
  const timer = setTimeout(() => child.kill('SIGKILL'), longestMs);
  const end = await ended;
  clearTimeout(timer);
  await served.close();
  const seconds = Number(((performance.now() - start) / 1000).toFixed(1));
  const peakMiB = Math.round(Number(await readFile(peakFile, 'utf8')) / 1024);
  const written = [...(await readdir(outside)), ...(await readdir(sandbox))].filter(
    (name) => !['cache', 'outside'].includes(name),
  );
  return {
    what,
    ended: howEnded(end),
    good: isGood(end, { what, hides }) && written.length === 0,
    written,
    peakMiB,
    seconds,
  };
}

function howEnded({ code, signal, events, stderr }) {
  if (signal) return `killed after ${longestMs / 1000} s`;
  if (code === 0) return 'done';
  const { code: name } = events.at(-1) ?? {};
  return name === 'unexpected' || name === undefined ? stderr.slice(0, 500) : name;
}

function isGood(end, { what, hides }) {
  return endedWell(end) && (end.code !== 0 || hides || what === 'an honest one');
}
