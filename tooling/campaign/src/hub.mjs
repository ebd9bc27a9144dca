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

/** MiB above what an honest hub takes; and bytes for each byte of the largest file, since JSON is text, values and a map. */
const [mostAbove, mostPerByte] = [128, 10];

/**
 * @param options.short only the cases that take no tries and say most
 * @param options.names in a huge listing or index
 * @returns for each case how it ended, MiB at the peak and at most, seconds; `peakOfHonest` beside them
 */
export async function hub({ folder, short = false, names = 1_000_000, onCase = () => {} }) {
  const outside = join(folder, 'sandbox', 'outside');
  const results = [];
  const honest = await one({ what: 'an honest one', answers: {} }, { folder, outside });
  if (honest.ended !== 'done') throw new Error(`an honest hub was not fetched from: ${JSON.stringify(honest)}`);
  for (const each of cases({ names, outside }).filter((one) => !short || one.short)) {
    const { end, largestFile, ...found } = await one(each, { folder, outside });
    const mostMiB = honest.peakMiB + mostAbove + Math.ceil((mostPerByte * largestFile) / 2 ** 20);
    results.push({ ...found, mostMiB, good: isGood({ ...each, ...found, end, mostMiB }) });
    onCase(results.at(-1));
  }
  return { names, peakOfHonest: honest.peakMiB, cases: results };
}

async function one({ what, answers, before }, { folder, outside }) {
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
  return { what, ended: howEnded(end), written, peakMiB, seconds, end, largestFile: served.largestFile };
}

function howEnded({ code, signal, events, stderr }) {
  if (signal) return `killed after ${longestMs / 1000} s`;
  if (code === 0) return 'done';
  const { code: name } = events.at(-1) ?? {};
  return name === 'unexpected' || name === undefined ? stderr.slice(0, 500) : name;
}

/** One whose process was killed has left no peak, 0. */
function isGood({ end, hides = false, written, peakMiB, mostMiB }) {
  const refused = endedWell(end) && (end.code !== 0 || hides);
  return refused && written.length === 0 && peakMiB > 0 && peakMiB <= mostMiB;
}
