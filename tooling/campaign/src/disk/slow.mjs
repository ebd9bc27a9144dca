import { random } from '@lowrank/bench/src/random.mjs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as later } from 'node:timers/promises';
import { emptyFolder } from '../folders.mjs';
import { startLowrank } from '../lowrank.mjs';
import { trainOn } from '../small-run.mjs';

/**
 * A disk that stands still again and again: the process of a run is stopped at random moments, and comes to the same bits.
 *
 * @returns as `trials` how often it was stopped
 */
export async function slow({ folder, data, stops, seed }) {
  const draw = random(seed);
  const [calm, halting] = [await emptyFolder(folder, 'calm'), await emptyFolder(folder, 'halting')];
  await startLowrank(trainOn(data, calm, { steps: 4 })).ended;
  const { child, ended } = startLowrank(trainOn(data, halting, { steps: 4 }));
  let over = false;
  void ended.then(() => (over = true));
  let made = 0;
  for (; made < stops && !over; made++) {
    child.kill('SIGSTOP');
    await later(Math.floor(200 * draw()));
    child.kill('SIGCONT');
    await later(Math.floor(200 * draw()));
  }
  const { code, stderr } = await ended;
  const [expected, got] = await Promise.all(
    [calm, halting].map((out) => readFile(join(out, 'adapter_model.safetensors'), 'base64').catch(() => 'none')),
  );
  const same = code === 0 && expected === got && got !== 'none';
  const ends = { [same ? 'runs done in the same bits' : 'runs failed or in other bits']: 1 };
  return { trials: made, ends, bad: same ? [] : [{ code, stderr: stderr.slice(-400) }] };
}
