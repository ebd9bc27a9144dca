import { LowrankError } from '@lowrank/core';
import { readCheckpoint, readPeft } from '@lowrank/formats';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a run's folder holds: the hash of its adapter and the step of its checkpoint, undefined where there is none.
 *
 * @returns also `damaged`, the message, where one of them is there and cannot be read
 */
export async function foundIn(out) {
  const found = { checkpoint: undefined, adapter: undefined };
  try {
    found.checkpoint = (await orMissing(() => readCheckpoint(join(out, 'run', 'checkpoint.safetensors'))))?.step;
    if (await orMissing(() => readPeft(out))) found.adapter = await hashOf(out);
  } catch (error) {
    found.damaged = error.message;
  }
  return found;
}

async function orMissing(read) {
  try {
    return await read();
  } catch (error) {
    if (LowrankError.is(error, 'file-missing')) return undefined;
    throw error;
  }
}

async function hashOf(out) {
  const hash = createHash('sha256');
  for (const name of ['adapter_model.safetensors', 'adapter_config.json']) hash.update(await readFile(join(out, name)));
  return hash.digest('hex');
}
