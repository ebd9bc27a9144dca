import { withScratch } from '../folders.mjs';
import { hub } from '../hub.mjs';
import { optionsOf } from '../options.mjs';
import { writeResult } from '../results.mjs';

/** `--names` in the huge listings and indexes. */
export async function campaign(args) {
  const { names } = optionsOf(args, { names: 1_000_000 });
  const onCase = (result) => console.log(JSON.stringify(result));
  const result = await withScratch((folder) => hub({ folder, names, onCase }));
  await writeResult('hub', result);
  if (result.cases.some(({ good }) => !good)) process.exitCode = 1;
}
