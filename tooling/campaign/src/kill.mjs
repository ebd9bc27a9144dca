// `kill -9` at random moments of training and saving: each run is gone on with until it ends, in the bits of a run that nothing disturbed.
import { random } from '@lowrank/bench/src/random.mjs';
import { existsSync, watch } from 'node:fs';
import { cp, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { foundIn } from './found-in.mjs';
import { emptyFolder } from './folders.mjs';
import { endedWell, startLowrank } from './lowrank.mjs';
import { trainOn, writeText } from './small-run.mjs';

/** What must come out the same. */
const compared = ['adapter_model.safetensors', 'adapter_config.json', 'run/checkpoint.safetensors'];

/** When a process is killed. `saving`: some milliseconds after a file begins to be written. */
const kinds = ['starting', 'training', 'saving', 'saving'];

/**
 * @param {{ folder: string, kills: number, seed?: number, until?: number, past?: any, onKill?: Function }} options
 *   `kills` in all, those of earlier calls in `past` included; no run begins after `until`, by `performance.now()`
 * @returns what was killed when, and what came out
 */
export async function kill({ folder, kills, seed = 1, until = Infinity, past, onKill = () => {} }) {
  const data = await writeText(folder);
  const undisturbed = await prepare(folder, data);
  const result = past ?? { seed, runs: 0, kills: 0, differing: 0, mixed: 0, unreadable: 0, leftovers: 0, moments: [] };
  while (result.kills < kills && performance.now() < until) {
    const draw = random(1_000_003 * seed + result.runs);
    const out = await emptyFolder(folder, 'hurt');
    const overEarlier = result.runs % 2 === 1;
    if (overEarlier) await cp(join(folder, 'earlier'), out, { recursive: true });
    const wanted = Math.min(kills - result.kills, 1 + Math.floor(6 * draw()));
    const moments = await hurtRun(out, { data, draw, wanted, undisturbed, overEarlier, result });
    result.moments.push(...moments);
    result.kills += moments.length;
    result.runs += 1;
    onKill(result, moments);
  }
  return result;
}

/** An adapter that was there before, with another config, and a run that nothing disturbs, with its times. */
async function prepare(folder, data) {
  const times = {};
  const start = performance.now();
  const whole = join(folder, 'whole');
  const earlier = join(folder, 'earlier-run');
  for (const [out, alpha] of [
    [earlier, 8],
    [whole, 4],
  ]) {
    const began = performance.now();
    const onEvent = ({ type }) => (times[type] ??= performance.now() - began);
    const { code, stderr } = await startLowrank(trainOn(data, out, { alpha }), { onEvent }).ended;
    if (code !== 0) throw new Error(`the undisturbed run ended with ${code}:\n${stderr}`);
  }
  await mkdir(join(folder, 'earlier'));
  for (const name of compared.slice(0, 2)) await cp(join(earlier, name), join(folder, 'earlier', name));
  return {
    startMs: times['train-start'],
    trainMs: (performance.now() - start) / 2 - times['train-start'],
    files: await filesOf(whole),
    earlier: await foundIn(join(folder, 'earlier')),
    whole: await foundIn(whole),
  };
}

const filesOf = (out) =>
  Promise.all(compared.map((name) => readFile(join(out, name), 'base64').catch(() => `no ${name}`)));

/** Kills a run `wanted` times at most, and then lets it end. */
async function hurtRun(out, { data, draw, wanted, undisturbed, overEarlier, result }) {
  const moments = [];
  const command = () => {
    if (existsSync(join(out, 'run', 'options.json'))) return ['train', '--resume', '--out', out];
    return [...trainOn(data, out), ...(overEarlier ? ['--overwrite'] : [])];
  };
  while (moments.length < wanted) {
    const moment = momentOf(draw, undisturbed);
    const { signal, events } = await killed(command(), out, moment);
    if (signal !== 'SIGKILL') break; // it was faster
    const found = await foundIn(out);
    if (found.damaged) result.unreadable += 1;
    if (![undefined, undisturbed.earlier.adapter, undisturbed.whole.adapter].includes(found.adapter)) result.mixed += 1;
    const { adapter: _, ...state } = found;
    const kept = found.adapter === undefined ? 'none' : found.adapter === undisturbed.whole.adapter ? 'new' : 'earlier';
    moments.push({ run: result.runs, ...moment, lastEvent: events.at(-1)?.type ?? 'none', ...state, adapter: kept });
  }
  const last = await startLowrank(command()).ended;
  const same = JSON.stringify(await filesOf(out)) === JSON.stringify(undisturbed.files);
  if (last.code !== 0 || !same) {
    result.differing += 1;
    if (!endedWell(last)) throw new Error(`a resumed run ended with ${last.code}:\n${last.stderr}`);
  }
  result.leftovers += await unfinished(out);
  return moments;
}

function momentOf(draw, { startMs, trainMs }) {
  const kind = kinds[Math.floor(kinds.length * draw())];
  if (kind === 'saving') return { kind, file: 1 + Math.floor(16 * draw()), ms: Math.floor(4 * draw()) };
  return { kind, ms: Math.round((kind === 'starting' ? startMs : trainMs) * draw()) };
}

/** Runs a command until its moment. */
async function killed(command, out, { kind, ms, file }) {
  let seen = 0;
  const fire = async () => {
    if (ms > 0) await later(ms);
    child.kill('SIGKILL');
  };
  await mkdir(join(out, 'run'), { recursive: true });
  const watching = ['', 'run'].map((name) =>
    watch(join(out, name), (_, changed) => {
      if (kind !== 'saving' || !changed?.startsWith('.lowrank-')) return;
      seen += 1;
      if (seen === 2 * file - 1) void fire(); // each is told of twice, as it comes and as it goes
    }),
  );
  const onEvent = ({ type }) => void (kind === 'training' && type === 'train-start' && void fire());
  const { child, ended } = startLowrank(command, { onEvent });
  if (kind === 'starting') void fire();
  try {
    return await ended;
  } finally {
    for (const watcher of watching) watcher.close();
  }
}

/** Files that killed processes were writing, and that are still there. */
async function unfinished(out) {
  const names = await readdir(out, { recursive: true });
  return names.filter((name) => /(^|\/)\.lowrank-/.test(name)).length;
}
