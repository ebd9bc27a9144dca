import { train } from '@lowrank/trainer';

/** Trains the adapter that is active. */
export async function trainWhole({ task, loss, batches, seed }, { manager, allocator }) {
  const events = train({
    parameters: manager.parameters(manager.active[0]),
    ...{ loss, batches, seed, allocator },
    steps: task.steps,
    learningRate: task.learningRate,
    warmupSteps: Math.ceil(task.steps / 10),
  });
  for await (const _ of events);
}
