import { loraConfig, type Adapter } from '@lowrank/core';
import { writeFolder } from '../io/write-folder.js';
import { encodeSafetensors } from '../safetensors/write.js';
import { factorsOf } from '../adapter/factors-of.js';
import { configFile, weightsFile } from './files.js';
import { toPeft } from './tensor-names.js';
import { encodePeftConfig } from './write-config.js';

/**
 * Writes an adapter as the folder that PEFT's `from_pretrained` reads, making the folder when it is not there.
 * Node only. The same adapter gives the same bytes. Both files are on the disk before either takes its name, so
 * that a failure leaves an earlier adapter as it was.
 * Throws `file-unwritable`, and `adapter-mismatch`, `not-finite` or `config-invalid` for an adapter that could not be read back.
 */
export async function writePeft(folder: string, adapter: Adapter): Promise<void> {
  const config = loraConfig(adapter.config);
  factorsOf('the adapter to write', adapter, config);
  const tensors = new Map(Array.from(adapter.tensors, ([name, tensor]) => toPeft(name, tensor)));
  const files: [string, Uint8Array][] = [
    [weightsFile, encodeSafetensors(tensors, { metadata: { format: 'pt' } })],
    // Last: a folder without a config is no adapter yet.
    [configFile, encodePeftConfig(config)],
  ];
  await writeFolder(folder, new Map(files));
}
