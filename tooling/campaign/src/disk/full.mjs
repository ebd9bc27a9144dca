import { random } from '@lowrank/bench/src/random.mjs';
import { startLowrank } from '../lowrank.mjs';
import { overEarlier } from './over-earlier.mjs';

/** A disk on which every file ends at a random size (Linux). */
export async function full({ seed, ...given }) {
  const draw = random(seed);
  return overEarlier(given, async (command, out) => {
    const bytes = Math.floor(40_000 * draw() ** 2);
    const end = await startLowrank(command, { before: ['prlimit', `--fsize=${bytes}`] }).ended;
    return { end, bytes, left: out };
  });
}
