import { loraConfig, LowrankError, parseLoraTensorName, type Adapter } from '@lowrank/core';
import { stageFile } from '../io/atomic-write.js';
import { unwritable } from '../io/file-errors.js';
import { encodeSafetensors } from '../safetensors/write.js';
import { checkFactors } from './check-factors.js';
import { configFile, weightsFile } from './files.js';
import { toPeft } from './tensor-names.js';
import { encodePeftConfig } from './write-config.js';

/**
 * Writes an adapter as the folder that PEFT's `from_pretrained` reads, making the folder when it is not there.
 * Node only. The same adapter gives the same bytes. Both files are on the disk before either takes its name, so
 * that a failure leaves an earlier adapter as it was.
 * Throws `file-unwritable`, and `adapter-mismatch` or `config-invalid` for an adapter that could not be read back.
 */
export async function writePeft(folder: string, adapter: Adapter): Promise<void> {
  const { join } = await import('node:path');
  const config = loraConfig(adapter.config);
  const factors = Array.from(adapter.tensors, ([name, { shape }]) => ({ ...parseName(name), shape }));
  checkFactors('the adapter to write', factors, config);
  const tensors = new Map(Array.from(adapter.tensors, ([name, tensor]) => toPeft(name, tensor)));
  const weights = encodeSafetensors(tensors, { metadata: { format: 'pt' } });
  const configBytes = encodePeftConfig(config);

  await makeFolder(folder);
  const stagedWeights = await stageFile(join(folder, weightsFile), weights);
  try {
    const stagedConfig = await stageFile(join(folder, configFile), configBytes);
    // The config last: a folder without one is no adapter yet.
    await stagedWeights.commit().catch(async (error) => {
      await stagedConfig.discard();
      throw error;
    });
    await stagedConfig.commit();
  } finally {
    await stagedWeights.discard();
  }
}

function parseName(name: string) {
  const factor = parseLoraTensorName(name);
  if (factor) return factor;
  throw new LowrankError('adapter-mismatch', {
    given: `tensor "${name}" of the adapter to write`,
    rule: 'an adapter holds "<path>.lora_A.weight" and "<path>.lora_B.weight"',
    fix: 'name factors with loraTensorName',
  });
}

async function makeFolder(folder: string): Promise<void> {
  const { mkdir } = await import('node:fs/promises');
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw unwritable(folder, error);
  }
}
