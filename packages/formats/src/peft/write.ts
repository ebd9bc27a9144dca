import { loraConfig, LowrankError, type Adapter } from '@lowrank/core';
import { encodeFloats } from '../safetensors/encode-floats.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { checkFinite } from '../adapter/check-finite.js';
import { entryKinds, type PeftEntry } from './entry.js';
import { prefix } from './files.js';
import { sortTensors } from './sort-tensors.js';
import { toPeft } from './tensor-names.js';
import { peftConfig } from './write-config.js';
import { writePeftFolder } from './write-peft-folder.js';

const given = 'the adapter to write';

/**
 * Writes an adapter as the folder that PEFT's `from_pretrained` reads, making the folder when it is not there.
 * Node only. The same adapter gives the same bytes. Both files are on the disk before either takes its name, so
 * that a failure leaves an earlier adapter as it was.
 * Throws `file-unwritable`, and `adapter-mismatch`, `not-finite` or `config-invalid` for an adapter that could not be read back.
 */
export async function writePeft(folder: string, adapter: Adapter): Promise<void> {
  const config = peftConfig(loraConfig(adapter.config));
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of toPeft(adapter.tensors)) {
    checkFinite(`"${name}" of ${given}`, tensor.data);
    tensors.set(name, { dtype: 'F32', shape: tensor.shape, bytes: encodeFloats(name, tensor, 'F32') });
  }
  const entries = sortTensors(given, tensors, config);
  entries.forEach(checkKind);
  await writePeftFolder(folder, { config, entries, metadata: { format: 'pt' } });
}

function checkKind({ kind, path, tensors }: PeftEntry): void {
  if (kind === 'linear' || kind === 'module' || kind === 'bias') return;
  const role = [...tensors.keys()][0];
  throw new LowrankError('adapter-mismatch', {
    given: `tensor "${prefix}${path}${role && `.${role}`}" of ${given}`,
    rule: `its config makes it ${entryKinds[kind]}, which no adapter of ours holds`,
    fix: 'name tensors with loraTensorName',
  });
}
