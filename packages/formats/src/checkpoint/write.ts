import { LowrankError, type Checkpoint } from '@lowrank/core/plan';
import { writeFileAtomic } from '../io/atomic-write.js';
import { encodeSafetensors } from '../safetensors/write.js';

/** Where a checkpoint's step and state lie in its file's metadata, as JSON. */
export const checkpointKey = 'lowrank.checkpoint';

/** The layout of that JSON; a reader takes no other. */
export const checkpointVersion = 1;

/**
 * Writes a checkpoint as one safetensors file, F32, so that a crash leaves the one before or this one whole.
 * Node only. Throws `file-unwritable`; `not-finite` when its state holds a number that JSON cannot.
 */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  await writeFileAtomic(path, encodeCheckpoint(checkpoint));
}

/** The bytes of that file, for a place that is no disk, such as a page's OPFS. Throws `not-finite`. */
export function encodeCheckpoint({ step, tensors, state }: Checkpoint): Uint8Array {
  const text = JSON.stringify({ step, state, version: checkpointVersion }, finiteOnly);
  return encodeSafetensors(tensors, { metadata: { [checkpointKey]: text } });
}

function finiteOnly(key: string, value: unknown): unknown {
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  throw new LowrankError('not-finite', {
    given: `"${key}": ${value} in a checkpoint's state`,
    rule: 'a checkpoint keeps finite numbers only',
    fix: 'leave it out, or keep it as text',
  });
}
