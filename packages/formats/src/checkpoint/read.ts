import { LowrankError, type Checkpoint } from '@lowrank/core/plan';
import { parseJsonObject, type JsonObject } from '../io/json.js';
import { shown } from '../io/shown.js';
import { fileSource, type ByteSource } from '../io/source.js';
import { openSafetensors } from '../safetensors/read.js';
import { checkpointKey, checkpointVersion } from './write.js';

/**
 * Reads a checkpoint whole, from a path (Node only) or a source, which it closes.
 * Throws `file-missing`, or `file-invalid` when it is none or damaged.
 */
export async function readCheckpoint(from: string | ByteSource): Promise<Checkpoint> {
  const source = typeof from === 'string' ? await fileSource(from) : from;
  const file = await openSafetensors(source);
  try {
    const { step, state } = readState(source.name, file.metadata[checkpointKey]);
    return { step, state, tensors: await file.readAll() };
  } finally {
    await file.close();
  }
}

function readState(path: string, text: string | undefined): Pick<Checkpoint, 'step' | 'state'> {
  if (text === undefined) throw invalid(path, `it has no "${checkpointKey}" in its metadata, so it is no checkpoint`);
  const { step, state, version } = parseJsonObject(`"${checkpointKey}" in ${path}`, new TextEncoder().encode(text));
  if (version !== checkpointVersion) {
    throw invalid(path, `its version is ${shown(version)}, this release reads ${checkpointVersion}`);
  }
  if (!Number.isSafeInteger(step) || (step as number) < 0) throw invalid(path, 'its step is not a count');
  if (typeof state !== 'object' || state === null || Array.isArray(state)) {
    throw invalid(path, 'its state is not an object');
  }
  return { step: step as number, state: state as JsonObject as Checkpoint['state'] };
}

function invalid(given: string, rule: string): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix: 'resume from another checkpoint' });
}
