import { random } from '@lowrank/bench/src/random.mjs';
import { cp, readdir } from 'node:fs/promises';
import { emptyFolder } from '../folders.mjs';
import { foundIn } from '../found-in.mjs';
import { endedWell, startLowrank } from '../lowrank.mjs';
import { trainOn } from '../small-run.mjs';

/** What writes adapters over an earlier one. */
const commands = {
  train: ({ data, out }) => [...trainOn(data, out, { steps: 2 }), '--overwrite'],
  rerank: ({ earlier, out }) => ['rerank', earlier, '--rank', '1', '--out', out, '--overwrite'],
  combine: ({ earlier, out }) => ['combine', earlier, earlier, '--weights', '0.5,0.25', '--out', out, '--overwrite'],
  export: ({ earlier, out }) => ['export', '--adapter', earlier, '--for', 'vllm', '--out', out, '--overwrite'],
};

/**
 * Commands whose every file ends at a random size, as on a disk that fills up meanwhile (Linux): each succeeds or says
 * so, and leaves the earlier adapter or the new one, and nothing half-written.
 *
 * @param given.earlier an adapter's folder
 */
export async function full({ folder, data, earlier, trials, seed }) {
  const draw = random(seed);
  const bad = [];
  const ends = {};
  const names = Object.keys(commands);
  for (let trial = 0; trial < trials; trial++) {
    const name = names[trial % names.length];
    const bytes = Math.floor(40_000 * draw() ** 2);
    const out = await emptyFolder(folder, 'full');
    await cp(earlier, out, { recursive: true });
    const before = await foundIn(out);
    const command = commands[name]({ data, earlier, out });
    const end = await startLowrank(command, { before: ['prlimit', `--fsize=${bytes}`] }).ended;
    const after = await foundIn(out);
    const left = (await readdir(out, { recursive: true })).filter((path) => path.includes('.lowrank-'));
    const kept = end.code === 0 ? after.adapter !== undefined : after.adapter === before.adapter;
    const what = end.code === 0 ? 'done' : String(end.events.at(-1)?.code);
    ends[what] = (ends[what] ?? 0) + 1;
    if (endedWell(end) && kept && !after.damaged && left.length === 0) continue;
    bad.push({ command: name, bytes, ended: what, kept, left, stderr: end.stderr.slice(-400) });
  }
  return { trials, ends, bad };
}
