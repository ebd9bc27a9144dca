import { loraConfig, type Adapter } from '@lowrank/core/plan';
import { encodeFloats } from '../safetensors/encode-floats.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { writeFolder } from '../io/write-folder.js';
import { checkFinite } from '../adapter/check-finite.js';
import { checkApplied } from './check-applied.js';
import { sortTensors } from './sort-tensors.js';
import { toPeft } from './tensor-names.js';
import { peftConfig } from './write-config.js';
import { encodePeftFolder } from './write-peft-folder.js';

const given = 'the adapter to write';

/**
 * Writes an adapter as the folder that PEFT's `from_pretrained` reads, making the folder when it is not there.
 * Node only. The same adapter gives the same bytes. Both files are on the disk before either takes its name, so
 * that a failure leaves an earlier adapter as it was.
 * Throws `file-unwritable`, and `adapter-mismatch`, `not-finite`, `config-invalid` or `config-unsupported` for an adapter
 * that could not be read back.
 */
export async function writePeft(folder: string, adapter: Adapter): Promise<void> {
  await writeFolder(folder, encodePeft(adapter));
}

/**
 * The files of the folder that `writePeft` writes, by name: for a place that has no disk, such as a page's download.
 * Throws as `writePeft` does for an adapter that could not be read back.
 */
export function encodePeft(adapter: Adapter): Map<string, Uint8Array> {
  const config = peftConfig(loraConfig(adapter.config));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of toPeft(adapter.tensors)) {
    checkFinite(`"${name}" of ${given}`, tensor.data);
    tensors.set(name, { dtype: 'F32', shape: tensor.shape, bytes: encodeFloats(name, tensor, 'F32') });
  }
  const entries = sortTensors(given, tensors, config);
  checkApplied(given, entries);
  return encodePeftFolder({ config, entries, metadata: { format: 'pt' } });
}
