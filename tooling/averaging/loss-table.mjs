import { table } from '../campaign/src/page.mjs';
import { methods } from './methods.mjs';

/** A line for each method and number of workers that was run. */
export function lossTable({ base, runs, settings: { steps, rounds } }) {
  const cells = Object.entries(methods).flatMap(([method, { counts, average }]) =>
    counts.map((workers) => ({ method, workers, inRounds: average !== undefined })),
  );
  const lines = cells.flatMap(({ method, workers, inRounds }) => {
    const own = runs.filter((run) => run.method === method && run.workers === workers);
    if (own.length === 0) return [];
    const each = inRounds ? `${rounds} × ${steps / rounds / workers}` : steps / workers;
    const alone = workers === 1 ? 'nothing' : 'gradients, each step';
    const sent = inRounds ? `${(own[0].bytes / 1e6).toFixed(1)} MB` : alone;
    return [[method, workers, each, withSpread(own.map(({ loss }) => loss)), own.length, sent]];
  });
  const made = table(['method', 'workers', 'steps of each', 'held-out loss', 'seeds', 'sent in a round'], lines);
  return `${made}\n\nThe base alone is at ${base.toFixed(3)}.`;
}

/** Mean ± standard deviation, where there are several. */
function withSpread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (values.length === 1) return mean.toFixed(3);
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(3)} ± ${Math.sqrt(square).toFixed(3)}`;
}
