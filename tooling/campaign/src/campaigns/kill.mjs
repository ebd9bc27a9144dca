import { withScratch } from '../folders.mjs';
import { kill } from '../kill.mjs';
import { optionsOf } from '../options.mjs';
import { readResult, writeResult } from '../results.mjs';

/** `--kills` in all, from `--seed`; each moment is printed. */
export async function campaign(args) {
  const { kills, seed, until } = optionsOf(args, { kills: 100, seed: 1 });
  const found = readResult('kill');
  const past = found?.seed === seed ? found : undefined;
  const onKill = async (result, moments) => {
    for (const moment of moments) console.log(JSON.stringify(moment));
    await writeResult('kill', result);
  };
  const result = await withScratch((folder) => kill({ folder, kills, seed, until, past, onKill }));
  const { moments: _, ...totals } = result;
  console.log(JSON.stringify(totals));
  if (totals.differing + totals.mixed + totals.unreadable > 0) process.exitCode = 1;
}
