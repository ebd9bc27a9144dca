import { disk } from '../disk.mjs';
import { withScratch } from '../folders.mjs';
import { optionsOf } from '../options.mjs';
import { writeResult } from '../results.mjs';

/** How many trials of each kind, from `--seed`. */
export async function campaign(args) {
  const { until: _, ...counts } = optionsOf(args, { fullDisks: 60, reads: 2000, commands: 60, stops: 40, seed: 1 });
  const onPart = (name, part) => console.log(name, JSON.stringify(part, undefined, 2));
  const parts = await withScratch((folder) => disk({ folder, ...counts, onPart }));
  await writeResult('disk', { seed: counts.seed, parts });
  if (Object.values(parts).some(({ bad }) => bad.length > 0)) process.exitCode = 1;
}
