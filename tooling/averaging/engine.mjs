import { join } from 'node:path';

/** Runs the jobs of `runRounds` one after the other in this process: workers that are simulated. */
export function engineOf(task, folder) {
  const results = new Map();
  let last = Promise.resolve();
  return {
    async submit(job) {
      last = last.then(async () => {
        await task.train(job, join(folder, job.folder));
        return { id: job.id, step: job.steps };
      });
      results.set(job.id, last);
    },
    result: (id) => results.get(id),
  };
}
