import type { EvalEnd, TrainEvent } from '@lowrank/trainer';
import type { Reporter } from './reporter.js';
import { scoresText } from './scores-text.js';
import { bytesText, countText, secondsText } from './units.js';

/** Follows a run for people: one live line on a terminal, a line now and then elsewhere. */
export class TrainView {
  #first: number | undefined;
  /** When the first step began, in ms: what came before says nothing of how long the rest will take. */
  #began: number | undefined;
  #said = 0;
  #targets = 0;
  #stepping = 0;
  #loss: number | undefined;
  #heldOut: number | undefined;

  /** @param unit what is learned one by one @param plainEvery ms between lines where there is no terminal */
  constructor(
    private readonly out: Reporter,
    private readonly unit: 'token' | 'text' = 'token',
    private readonly plainEvery = 10_000,
  ) {}

  show(event: TrainEvent): void {
    switch (event.type) {
      case 'train-start':
        this.#first = event.step;
        break;
      case 'eval-end':
        this.#heldOut = event.loss;
        this.out.line(`step ${event.step}: held-out loss ${event.loss.toFixed(4)}${scoresOf(event)}`);
        break;
      case 'step-end':
        this.#step(event);
        break;
      case 'checkpoint-write':
      case 'train-end':
        break;
      default:
        event satisfies never;
    }
  }

  #step(event: TrainEvent & { type: 'step-end' }): void {
    this.#loss = this.#loss === undefined ? event.loss : 0.9 * this.#loss + 0.1 * event.loss;
    this.#targets += event.targets;
    this.#stepping += event.milliseconds;
    const now = performance.now();
    this.#began ??= now - event.milliseconds;
    const say = now - this.#said > this.plainEvery || event.step === event.steps;
    if (say) this.#said = now;
    const text = this.#text(event, now);
    this.out.progress(text, say ? text : undefined);
  }

  #text({ step, steps, learningRate }: TrainEvent & { type: 'step-end' }, now: number): string {
    const left = ((now - this.#began!) / (step - (this.#first ?? 0))) * (steps - step);
    const parts = [
      `step ${step}/${steps}`,
      `loss ${this.#loss!.toFixed(3)}`,
      ...(this.#heldOut === undefined ? [] : [`held out ${this.#heldOut.toFixed(3)}`]),
      `${countText((1000 * this.#targets) / this.#stepping)} ${this.unit}s/s`,
      bytesText(process.memoryUsage.rss()),
      `lr ${learningRate.toExponential(1)}`,
      `${secondsText(left / 1000)} left`,
    ];
    return parts.join(' · ');
  }
}

function scoresOf({ accuracy, macroF1 }: EvalEnd): string {
  return accuracy === undefined || macroF1 === undefined ? '' : `, ${scoresText({ accuracy, macroF1 })}`;
}
