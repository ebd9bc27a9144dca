import { train } from '@lowrank/trainer';

/** Trains the adapter that is active up to update `steps` of the whole run. @returns its checkpoint there */
export async function runTo(steps, { task, loss, batches, seed, steps: whole }, { manager, resume, allocator }) {
  const stop = new AbortController();
  let last;
  const events = train({
    parameters: manager.parameters(manager.active[0]),
    ...{ loss, batches, seed, resume, allocator },
    steps: whole,
    learningRate: task.learningRate,
    warmupSteps: Math.ceil(whole / 10),
    checkpoint: { every: whole, write: async (checkpoint) => void (last = checkpoint) },
    signal: stop.signal,
  });
  for await (const event of events) if (event.type === 'step-end' && event.step === steps) stop.abort();
  return last;
}
