import { jobOf, runSweep, sweepReport, type SweepEvent, type Trial, type TrialOutcome } from '@lowrank/sweep';
import { writeFileAtomic } from '@lowrank/formats';
import { join } from 'node:path';
import { makeFolder } from '../output/make-folder.js';
import { reporter } from '../output/reporter.js';
import { sweepTable, trialText } from '../output/sweep-text.js';
import { engineFor } from '../sweep/engine-for.js';
import { readSweepFile, type SweepFile } from '../sweep/read-sweep-file.js';
import { interruptSignal } from '../train/interrupt.js';

export interface SweepFlags {
  out: string;
  parallel: number;
  dryRun?: boolean;
  redis?: string;
  emit?: 'kubernetes';
  image?: string;
  claim?: string;
  mount?: string;
  cpus?: number;
  memory?: number;
  json?: boolean;
}

/** Runs the trials of a sweep's file and tells what each came to. */
export async function runSweepCommand(file: string, flags: SweepFlags): Promise<void> {
  const { out: folder, parallel, dryRun, redis, emit, json = false } = flags;
  const out = reporter(json);
  const sweep = await readSweepFile(file);
  const { trials, searched, plan } = sweep;
  const named = trials.map((trial) => ({ folder: jobOf(trial, 0).folder, ...pick(trial, searched) }));
  if (dryRun) {
    out.event({ type: 'sweep-plan', trials: named });
    for (const { folder, ...values } of named) out.line(trialText(folder, values));
    return;
  }
  if (emit !== undefined) {
    const { kubernetesText } = await import('../sweep/kubernetes-text.js');
    process.stdout.write(kubernetesText(sweep, flags));
    return;
  }
  await makeFolder(folder);
  const engine = await engineFor({ folder, parallel, redis });
  const { signal, release } = interruptSignal(() =>
    out.line('stopping: what runs ends its step and is kept; again to stop at once'),
  );
  let ended = 0;
  const show = (event: SweepEvent) => {
    out.event(event);
    if (event.type === 'trial-start') return;
    ended++;
    const { folder } = event;
    const trial = trials.find((each) => jobOf(each, 0).folder === folder) as Trial;
    const what =
      event.type === 'trial-end'
        ? `held-out loss ${event.loss.toFixed(4)} after ${event.step} steps`
        : `failed: ${event.error}`;
    out.line(`${trialText(folder, pick(trial, searched))}: ${what}`);
    out.progress(progressText(ended, sweep));
  };
  let outcomes: TrialOutcome[] | undefined;
  out.progress(progressText(0, sweep));
  try {
    outcomes = await runSweep({ engine, trials, plan, onEvent: show, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await engine.close();
    release();
  }
  if (!outcomes) {
    out.line(`stopped. To go on: lowrank sweep ${file} --out ${folder}`);
    // A connection that is being made anew would keep it alive.
    process.exit(130);
  }
  const report = sweepReport(outcomes);
  const path = join(folder, 'report.json');
  await writeFileAtomic(path, new TextEncoder().encode(`${JSON.stringify(report, undefined, 2)}\n`));
  const best = report.best && join(folder, report.best.folder);
  out.event({ type: 'result', report: path, best: best ?? null, trials: report.trials });
  out.line(`\n${sweepTable(report, searched).join('\n')}\n`);
  out.line(best ? `best: adapter in ${best}; all in ${path}` : `no trial came to its end; all in ${path}`);
  if (!best) process.exitCode = 1;
}

function progressText(ended: number, { trials, plan }: SweepFile): string {
  return 'minSteps' in plan ? `${ended} judged` : `${ended} of ${trials.length} trials`;
}

/** What of a trial differs from the others. */
function pick(trial: Trial, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(keys.map((key) => [key, trial[key]]));
}
