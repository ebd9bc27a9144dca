import { fitMemory, type FittedMemory, type MemorySample } from '@lowrank/efficiency';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BackendName } from '../inputs/backend-names.js';
import { askProcess, type AskOptions } from './ask-process.js';
import { measuredModelNames } from './measured-model-names.js';

/**
 * What backends take beside tensors, by steps of small models in processes of their own. One that is not there, or whose
 * processes ended badly or late, is not in the result; nor is any where the models' files, of some 90 MB, cannot be written.
 */
export async function probeMemoryOf(
  names: BackendName[],
  options: Pick<AskOptions, 'timeout'>,
): Promise<Map<BackendName, FittedMemory>> {
  const found = new Map<BackendName, FittedMemory>();
  if (names.length === 0) return found;
  const root = await mkdtemp(join(tmpdir(), 'lowrank-doctor-')).catch(() => undefined);
  if (root === undefined) return found;
  try {
    for (const model of measuredModelNames) {
      await mkdir(join(root, model));
      await askProcess('probe-model.js', [model, join(root, model)], options);
    }
    for (const name of names) {
      const samples = await samplesOf(name, root, options);
      if (samples.length > 0) found.set(name, rounded(fitMemory(samples)));
    }
    return found;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** All or none: what one model alone says is not of the backend. */
async function samplesOf(
  name: BackendName,
  root: string,
  options: Pick<AskOptions, 'timeout'>,
): Promise<MemorySample[]> {
  const samples: MemorySample[] = [];
  for (const model of measuredModelNames) {
    const asked = await askProcess<MemorySample[]>('probe-memory.js', [name, model, join(root, model)], {
      ...options,
      execArgv: ['--expose-gc'],
    });
    if (!('answer' in asked) || asked.answer.length === 0) return [];
    samples.push(...asked.answer);
  }
  return samples;
}

/** To bytes, and to the digits that mean anything. */
const rounded = ({ runtime, overhead }: FittedMemory): FittedMemory => ({
  runtime: Math.round(runtime),
  overhead: Number(overhead.toPrecision(3)),
});
