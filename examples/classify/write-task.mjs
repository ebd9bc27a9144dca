import { mkdir, writeFile } from 'node:fs/promises';
import { writePeft } from '@lowrank/formats';

/** Writes what with_peft.py starts from: the untrained adapter and head, and every batch in its order. */
export async function writeTask(folder, { adapter, batches, steps, heldOut, ...rest }) {
  await mkdir(folder, { recursive: true });
  await writePeft(`${folder}/initial`, adapter);
  const plain = heldOut.map(({ ids, label }) => ({ ids: [...ids], label }));
  const rows = Array.from({ length: steps }, (_, step) => rowsOf(batches.at(step)));
  await writeFile(`${folder}/task.json`, JSON.stringify({ ...rest, batches: rows, heldOut: plain }));
}

/** A batch as its rows without their filling. */
function rowsOf({ ids, mask, labels, seq }) {
  return Array.from(labels, (label, row) => {
    const length = mask.subarray(row * seq, (row + 1) * seq).reduce((sum, one) => sum + one, 0);
    return { ids: [...ids.subarray(row * seq, row * seq + length)], label };
  });
}
