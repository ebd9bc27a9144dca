import type { EvalEnd, StepEnd, TrainEvent } from '@lowrank/trainer';
import type { Reporter } from './reporter.js';
import { scoresText } from './scores-text.js';
import { trainPanel, type TrainState } from './train-panel.js';
import { bytesText, countText, secondsText } from './units.js';

/** Ms between two drawings: more would only flicker. */
const liveEvery = 100;

/** Follows a run for people: a live view on a terminal, a line now and then elsewhere. */
export class TrainView {
  #first: number | undefined;
  /** When the first step began, in ms: what came before says nothing of how long the rest will take. */
  #began: number | undefined;
  #said = 0;
  #targets = 0;
  #stepping = 0;
  #last: TrainState | undefined;
  readonly #mean: [number, number][] = [];
  readonly #heldOut: [number, number][] = [];

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
        this.#heldOut.push([event.step, event.loss]);
        this.out.line(`step ${event.step}: held-out loss ${event.loss.toFixed(4)}${scoresOf(event)}`);
        break;
      case 'step-end':
        this.#step(event);
        break;
      case 'train-end':
        if (this.out.live && this.#last) this.out.line(trainPanel(this.#last, this.out.people));
        break;
      case 'checkpoint-write':
        break;
      default:
        event satisfies never;
    }
  }

  #step(event: StepEnd): void {
    const before = this.#mean.at(-1)?.[1];
    this.#mean.push([event.step, before === undefined ? event.loss : 0.9 * before + 0.1 * event.loss]);
    this.#targets += event.targets;
    this.#stepping += event.milliseconds;
    const now = performance.now();
    this.#began ??= now - event.milliseconds;
    const every = this.out.live ? liveEvery : this.plainEvery;
    if (now - this.#said <= every && event.step !== event.steps) return;
    this.#said = now;
    const state = this.#state(event, now);
    this.#last = state;
    if (this.out.live) this.out.progress(trainPanel(state, this.out.people));
    else this.out.line(plain(state));
  }

  #state({ step, steps, learningRate }: StepEnd, now: number): TrainState {
    const left = ((now - this.#began!) / (step - (this.#first ?? 0))) * (steps - step);
    return {
      ...{ step, steps, mean: this.#mean, heldOut: this.#heldOut },
      speed: `${countText((1000 * this.#targets) / this.#stepping)} ${this.unit}s/s`,
      memory: bytesText(process.memoryUsage.rss()),
      learningRate: learningRate.toExponential(1),
      left: secondsText(left / 1000),
    };
  }
}

function plain({ step, steps, mean, heldOut, speed, memory, learningRate, left }: TrainState): string {
  const held = heldOut.at(-1)?.[1];
  const parts = [
    `step ${step}/${steps}`,
    `loss ${mean.at(-1)![1].toFixed(3)}`,
    ...(held === undefined ? [] : [`held out ${held.toFixed(3)}`]),
    ...[speed, memory, `lr ${learningRate}`, `${left} left`],
  ];
  return parts.join(' · ');
}

function scoresOf({ accuracy, macroF1 }: EvalEnd): string {
  return accuracy === undefined || macroF1 === undefined ? '' : `, ${scoresText({ accuracy, macroF1 })}`;
}
