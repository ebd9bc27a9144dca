import { cp, readdir } from 'node:fs/promises';
import { emptyFolder } from '../folders.mjs';
import { foundIn } from '../found-in.mjs';
import { endedWell } from '../lowrank.mjs';
import { trainOn } from '../small-run.mjs';

/** What writes adapters over an earlier one. */
const commands = {
  train: ({ data, out }) => [...trainOn(data, out, { steps: 2 }), '--overwrite'],
  rerank: ({ earlier, out }) => ['rerank', earlier, '--rank', '1', '--out', out, '--overwrite'],
  combine: ({ earlier, out }) => ['combine', earlier, earlier, '--weights', '0.5,0.25', '--out', out, '--overwrite'],
  export: ({ earlier, out }) => ['export', '--adapter', earlier, '--for', 'vllm', '--out', out, '--overwrite'],
};

/**
 * Commands that run out of space as they write over an adapter: each succeeds or says so, and leaves the earlier adapter or
 * the new one, and nothing half-written.
 *
 * @param given.earlier an adapter's folder
 * @param run is given a command and its folder, which holds the earlier adapter; it gives the command's end, the `bytes`
 *   that there were, and the folder to look at afterwards, `left`
 */
export async function overEarlier({ folder, data, earlier, trials }, run) {
  const bad = [];
  const ends = {};
  const names = Object.keys(commands);
  for (let trial = 0; trial < trials; trial++) {
    const name = names[trial % names.length];
    const out = await emptyFolder(folder, 'full');
    await cp(earlier, out, { recursive: true });
    const before = await foundIn(out);
    const { end, bytes, left } = await run(commands[name]({ data, earlier, out }), out);
    const after = await foundIn(left);
    const unfinished = (await readdir(left, { recursive: true })).filter((path) => path.includes('.lowrank-'));
    const kept = end.code === 0 ? after.adapter !== undefined : after.adapter === before.adapter;
    const what = end.code === 0 ? 'done' : String(end.events.at(-1)?.code);
    ends[what] = (ends[what] ?? 0) + 1;
    if (endedWell(end) && kept && !after.damaged && unfinished.length === 0) continue;
    bad.push({ command: name, bytes, ended: what, kept, left: unfinished, stderr: end.stderr.slice(-400) });
  }
  return { trials, ends, bad };
}
