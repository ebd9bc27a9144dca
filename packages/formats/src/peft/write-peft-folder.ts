import { LowrankError } from '@lowrank/core/plan';
import type { JsonObject } from '../io/json.js';
import { writeFolder } from '../io/write-folder.js';
import { encodeStored } from '../safetensors/encode-stored.js';
import type { StoredTensor } from '../safetensors/stored-tensor.js';
import { checkEntries } from './check-entries.js';
import { checkPeftConfig } from './check-config.js';
import { configFile, weightsFile } from './files.js';
import type { PeftFolder } from './read-peft-folder.js';
import { checkType } from './read-config.js';
import { tensorName } from './sort-tensors.js';
import { encodeJson } from './write-config.js';

/**
 * Writes what `readPeftFolder` read, or what was made of it. What was not changed comes out byte for byte as PEFT
 * wrote it. Node only; both files are on the disk before either takes its name. Throws `file-unwritable`, and
 * `config-invalid`, `config-unsupported`, `shape-mismatch` or `adapter-mismatch` for what could not be read back.
 */
export async function writePeftFolder(folder: string, adapter: PeftFolder): Promise<void> {
  await writeFolder(folder, encodePeftFolder(adapter));
}

/** The same files by name, in the order in which they are to be written. Throws as `writePeftFolder`, but for the disk. */
export function encodePeftFolder(adapter: PeftFolder): Map<string, Uint8Array> {
  const { config, entries, metadata } = adapter;
  const given = 'the adapter to write';
  checkType(given, config);
  checkPeftConfig(given, config);
  checkEntries(given, entries, config);
  const tensors = new Map<string, StoredTensor>();
  for (const entry of entries) {
    for (const [role, tensor] of entry.tensors) {
      const name = tensorName(entry.path, role);
      if (tensors.has(name)) throw twice(given, name);
      tensors.set(name, tensor);
    }
  }
  return new Map([
    [weightsFile, encodeStored(tensors, metadata)],
    // Last: a folder without a config is no adapter yet.
    [configFile, encodeConfig(adapter)],
  ]);
}

function twice(given: string, name: string): LowrankError {
  return new LowrankError('adapter-mismatch', {
    given: `"${name}" of ${given}`,
    rule: 'two entries hold it',
    fix: 'give each module one entry of a kind',
  });
}

function encodeConfig({ config, configText }: PeftFolder): Uint8Array {
  if (configText !== undefined && saysTheSame(configText, config)) return new TextEncoder().encode(configText);
  return encodeJson(config);
}

function saysTheSame(text: string, config: JsonObject): boolean {
  return JSON.stringify(JSON.parse(text)) === JSON.stringify(config);
}
