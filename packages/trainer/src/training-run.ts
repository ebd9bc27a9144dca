import type { Checkpoint } from '@lowrank/core';
import { dispose, tidy, type NamedTensorMap } from '@tensorflow/tfjs-core';
import { restoreCheckpoint, takeCheckpoint } from './checkpoint.js';
import type { StepEnd } from './events.js';
import { fingerprintOf, type Fingerprint } from './fingerprint.js';
import { adamw } from './optim/adamw.js';
import { applyUpdate, valuesOf } from './optim/apply-update.js';
import { chain } from './optim/chain.js';
import { clip } from './optim/clip.js';
import type { Optimizer } from './optim/optimizer.js';
import { trainSettings, type TrainOptions } from './options.js';
import { learningRateAt } from './schedule.js';
import type { TrainSettings } from './settings.js';
import { gradientStep } from './step.js';
import { Watch } from './watch.js';

/** A run between its updates: the parameters, which are the caller's, and the optimiser's state, which is its own. */
export class TrainingRun<Batch> {
  /** Updates done. */
  step: number;
  readonly #settings: TrainSettings;
  readonly #fingerprint: Fingerprint;
  readonly #optimizer: Optimizer;
  readonly #watch: Watch;
  #state: NamedTensorMap;

  /** Throws `config-invalid` or `checkpoint-mismatch`, and leaves the parameters as they were. */
  constructor(private readonly options: TrainOptions<Batch>) {
    const { parameters, batches, resume } = options;
    this.#settings = trainSettings(options);
    this.#fingerprint = fingerprintOf(this.#settings, batches);
    this.#optimizer = chain(clip(this.#settings.clipNorm), adamw(this.#settings));
    this.#state = tidy(() => {
      const fresh = this.#optimizer.init(valuesOf(parameters));
      return resume ? restoreCheckpoint(resume, { parameters, state: fresh, fingerprint: this.#fingerprint }) : fresh;
    });
    this.step = resume?.step ?? 0;
    this.#watch = new Watch(parameters, this.#settings.steps, this.step);
  }

  get steps(): number {
    return this.#settings.steps;
  }

  /**
   * One update. Where it fails, weights, moments and step are as they were, but for `not-training` of a B that has not
   * moved: that is seen only after a few.
   */
  async update(): Promise<StepEnd> {
    const start = performance.now();
    const { parameters, batches } = this.options;
    const { accumulate } = this.#settings;
    const step = this.step + 1;
    const learningRate = learningRateAt(step, this.#settings);
    const { loss, targets, gradients, squares } = await gradientStep({ ...this.options, ...this.#settings }, step);
    const gradientNorm = Math.sqrt([...squares.values()].reduce((total, square) => total + square, 0));
    try {
      this.#watch.checkGradients(step, { loss, gradients, squares });
      const context = { step, learningRate, gradientNorm };
      this.#state = applyUpdate(this.#optimizer, parameters, gradients, this.#state, context);
    } finally {
      dispose(gradients);
    }
    this.step = step;
    await this.#watch.checkMoved(step);
    const epoch = (step * accumulate) / batches.batchesPerEpoch;
    const milliseconds = performance.now() - start;
    return {
      type: 'step-end',
      step,
      steps: this.steps,
      epoch,
      loss,
      learningRate,
      gradientNorm,
      targets,
      milliseconds,
    };
  }

  checkpoint(): Promise<Checkpoint> {
    const { parameters } = this.options;
    return takeCheckpoint({ step: this.step, parameters, state: this.#state, fingerprint: this.#fingerprint });
  }

  dispose(): void {
    dispose(this.#state);
    this.#watch.dispose();
  }
}
