import { scoresText } from '../output/scores-text.js';
import type { Reporter } from '../output/reporter.js';
import { secondsText } from '../output/units.js';
import type { RunEvent } from './event-log.js';
import type { Prepared } from './prepared.js';
import type { RunFolder } from './run-folder.js';

/** What a run came to, once its adapter is written. */
export function showResult(run: RunFolder, events: RunEvent[], { backend, data }: Prepared, out: Reporter): void {
  const held = events.filter((event) => event.type === 'eval-end');
  const [first, last] = [held[0], held.at(-1)];
  const [before, after] = [first?.loss ?? NaN, last?.loss ?? NaN];
  const seconds = events.reduce((sum, event) => sum + ('milliseconds' in event ? event.milliseconds / 1000 : 0), 0);
  const change = 100 * (after / before - 1);
  const scores = last?.accuracy === undefined || last.macroF1 === undefined ? undefined : last;
  out.event({
    type: 'result',
    out: run.out,
    heldOutBefore: before,
    heldOutAfter: after,
    changePercent: change,
    ...(scores && { accuracyBefore: first?.accuracy, accuracy: scores.accuracy, macroF1: scores.macroF1 }),
    seconds,
    backend,
    curve: run.curve,
  });
  out.line(
    `held-out loss ${before.toFixed(4)} → ${after.toFixed(4)} nats a ${data.unit} (${change.toFixed(1)} %) in ${secondsText(seconds)}`,
  );
  if (scores) out.line(`of the texts held out: ${scoresText(scores as Required<typeof scores>)}`);
  out.line(`adapter in ${run.out}, loss curve in ${run.curve}`);
}
