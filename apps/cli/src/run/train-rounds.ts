import { averageAdapters } from '@lowrank/combine';
import { readPeft, writePeft } from '@lowrank/formats';
import { runRounds, type RoundEvent } from '@lowrank/sweep';
import { resolve } from 'node:path';
import { makeFolder } from '../output/make-folder.js';
import { reporter } from '../output/reporter.js';
import { readRoundsFile } from '../rounds/read-rounds-file.js';
import { engineFor } from '../sweep/engine-for.js';
import { interruptSignal } from '../train/interrupt.js';

export interface TrainRoundsFlags {
  out: string;
  parallel: number;
  redis?: string;
  json?: boolean;
}

/** Trains one adapter by many workers in rounds and tells where it is. */
export async function runTrainRounds(
  file: string,
  { out: asked, parallel, redis, json = false }: TrainRoundsFlags,
): Promise<void> {
  // Workers elsewhere are told by its path which average to start from.
  const folder = redis === undefined ? asked : resolve(asked);
  const out = reporter(json);
  const { method, ...rounds } = await readRoundsFile(file);
  await makeFolder(folder);
  const engine = await engineFor({ folder, parallel, redis });
  const { signal, release } = interruptSignal(() =>
    out.line('stopping: what runs ends its step and is kept; again to stop at once'),
  );
  const average = async (adapters: string[], to: string) => {
    const made = averageAdapters(await Promise.all(adapters.map((adapter) => readPeft(adapter))), { method });
    await writePeft(to, made.adapter);
    const error = Math.max(...made.modules.map((module) => module.error));
    out.event({ type: 'average', adapter: to, method, modules: made.modules });
    out.line(`averaged ${adapters.length} by ${method}: largest error of a module ${error.toPrecision(2)}`);
  };
  const onEvent = (event: RoundEvent) => {
    out.event(event);
    out.line(textOf(event));
  };
  let adapter: string | undefined;
  try {
    adapter = await runRounds({ ...rounds, engine, folder, average, onEvent, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await engine.close();
    release();
  }
  if (adapter === undefined) {
    out.line(
      `stopped. To go on: lowrank train-rounds ${file} --out ${asked}${redis === undefined ? '' : ', with the same --redis'}`,
    );
    // A connection that is being made anew would keep it alive.
    process.exit(130);
  }
  out.event({ type: 'result', adapter });
  out.line(`\nadapter (PEFT folder) in ${adapter}`);
}

function textOf(event: RoundEvent): string {
  switch (event.type) {
    case 'worker-end':
      return `round ${event.round}, worker ${event.worker + 1}: held-out loss ${event.loss.toFixed(4)} after ${event.step} steps`;
    case 'worker-retry':
      return `round ${event.round}, worker ${event.worker + 1} goes on after: ${event.error}`;
    case 'round-end':
      return `round ${event.round}: ${event.kept ? 'there already, ' : ''}${event.adapter}`;
    default:
      return event satisfies never;
  }
}
