import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeText } from './lowrank.js';

const options = {
  ...{ model: 'tiny', targets: 'q_proj,v_proj', rank: 2, batch: 2, sequence: 32, backend: 'wasm' },
  ...{ rounds: 2, steps: 2, evalEvery: 2, checkpointEvery: 1 },
};

/** A file of two rounds of two workers, as `lowrank train-rounds` reads it. */
export async function writeRounds(folder: string, rest: object = {}): Promise<string> {
  const [path, two] = [join(folder, 'rounds.json'), join(folder, 'two.txt')];
  const lines = Array.from(
    { length: 60 },
    (_, at) => `Of ${at} letters none was for her, so she went back up the hill.`,
  );
  await writeFile(two, `${lines.join('\n')}\n`);
  // Each worker has another text: what they learn must differ to be averaged.
  const shards = [[await writeText(folder, 'one.txt')], [two]];
  await writeFile(path, JSON.stringify({ ...options, shards, ...rest }));
  return path;
}
