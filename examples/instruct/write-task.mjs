import { mkdir, writeFile } from 'node:fs/promises';
import { writePeft } from '@lowrank/formats';

/** Writes what with_peft.py starts from: the untrained adapter, every batch in its order, and what is held out. */
export async function writeTask(folder, { adapter, batches, steps, heldOut, ...rest }) {
  await mkdir(folder, { recursive: true });
  await writePeft(`${folder}/initial`, adapter);
  const rows = Array.from({ length: steps }, (_, step) => rowsOf(batches.at(step)));
  const evaluated = Array.from({ length: heldOut.batchesPerEpoch }, (_, index) => rowsOf(heldOut.at(index)));
  await writeFile(`${folder}/task.json`, JSON.stringify({ ...rest, batches: rows, heldOut: evaluated }));
}

/** A batch as its rows, filled up as they are. */
function rowsOf({ ids, targets, batch, seq }) {
  const rows = (values) => Array.from({ length: batch }, (_, row) => [...values.subarray(row * seq, (row + 1) * seq)]);
  return { ids: rows(ids), targets: rows(targets) };
}
