import type { Checkpoint, Parameter } from '@lowrank/core';
import { dispose, tidy, type NamedTensorMap } from '@tensorflow/tfjs-core';
import { restoreCheckpoint, takeCheckpoint } from './checkpoint.js';
import type { StepEnd } from './events.js';
import { fingerprintOf, type Fingerprint } from './fingerprint.js';
import { applyUpdate, valuesOf } from './optim/apply-update.js';
import { chain } from './optim/chain.js';
import { clip } from './optim/clip.js';
import { LoraFa } from './optim/lora-fa.js';
import { loraPlus } from './optim/lora-plus.js';
import type { GradientTransform, Optimizer, UpdateContext } from './optim/optimizer.js';
import { pruned } from './optim/rank-allocator.js';
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
  readonly #loraFa: LoraFa | undefined;
  /** All parameters but those that are held. */
  readonly #trained: Parameter[];
  readonly #watch: Watch;
  #state: NamedTensorMap;

  /** Throws `config-invalid` or `checkpoint-mismatch`, and leaves the parameters as they were. */
  constructor(private readonly options: TrainOptions<Batch>) {
    const { parameters, batches, resume, allocator } = options;
    this.#settings = trainSettings(options);
    this.#fingerprint = fingerprintOf(this.#settings, { batches, allocator });
    this.#loraFa = this.#settings.loraFa ? new LoraFa(parameters) : undefined;
    this.#trained = this.#loraFa?.trained ?? parameters;
    this.#optimizer = optimizerOf(this.#trained, this.#settings, this.#loraFa?.transform);
    this.#state = tidy(() => {
      const fresh = { ...this.#optimizer.init(valuesOf(this.#trained)), ...allocator?.init(parameters, this.steps) };
      return resume ? restoreCheckpoint(resume, { parameters, state: fresh, fingerprint: this.#fingerprint }) : fresh;
    });
    this.step = resume?.step ?? 0;
    this.#watch = new Watch(this.#trained, this.#settings.steps, this.step);
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
    const { batches } = this.options;
    const { accumulate } = this.#settings;
    const step = this.step + 1;
    await this.#loraFa?.prepare();
    const learningRate = learningRateAt(step, this.#settings);
    const { loss, targets, gradients, squares } = await gradientStep(
      { ...this.options, ...this.#settings, parameters: this.#trained },
      step,
    );
    const gradientNorm = Math.sqrt([...squares.values()].reduce((total, square) => total + square, 0));
    try {
      this.#watch.checkGradients(step, { loss, gradients, squares });
      await this.#apply(gradients, { step, learningRate, gradientNorm });
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

  async #apply(gradients: NamedTensorMap, context: Omit<UpdateContext, 'parameters'>): Promise<void> {
    const { allocator, parameters } = this.options;
    const [{ step }, { steps }] = [context, this];
    const observed = await allocator?.observe({ step, steps, parameters, gradients, state: this.#state });
    const optimizer = allocator ? pruned(this.#optimizer, allocator, observed ?? {}) : this.#optimizer;
    try {
      this.#state = await applyUpdate(optimizer, this.#trained, gradients, this.#state, context);
    } catch (error) {
      dispose(observed ?? {});
      throw error;
    }
  }

  checkpoint(): Promise<Checkpoint> {
    const { parameters } = this.options;
    return takeCheckpoint({ step: this.step, parameters, state: this.#state, fingerprint: this.#fingerprint });
  }

  dispose(): void {
    dispose(this.#state);
    this.#watch.dispose();
    this.#loraFa?.dispose();
  }
}

function optimizerOf(parameters: Parameter[], settings: TrainSettings, correct?: GradientTransform): Optimizer {
  const { learningRate, loraPlusRatio: ratio, embeddingLearningRate, clipNorm } = settings;
  const optimizer = loraPlus(parameters, { ...settings, ratio, embeddingRatio: embeddingLearningRate / learningRate });
  return chain(clip(clipNorm), ...(correct ? [correct] : []), optimizer);
}
