import { memory } from '@tensorflow/tfjs-core';

/**
 * What `work` gives. Throws where it leaves tensors, buffers or bytes behind twice: a first run may make what the
 * backend keeps for the next.
 */
export async function withoutLeak<Result>(work: () => Promise<Result>): Promise<Result> {
  const first = await counted(work);
  if (first.left === undefined) return first.result;
  const second = await counted(work);
  if (second.left === undefined) return second.result;
  throw new Error(second.left);
}

async function counted<Result>(work: () => Promise<Result>): Promise<{ result: Result; left: string | undefined }> {
  const before = memory();
  const result = await work();
  const after = memory();
  const left = (['numTensors', 'numDataBuffers', 'numBytes'] as const)
    .map((what) => [what, after[what] - before[what]] as const)
    .filter(([, more]) => more !== 0);
  if (left.length === 0) return { result, left: undefined };
  return { result, left: `it leaves behind ${left.map(([what, more]) => `${what} ${more}`).join(', ')}` };
}
