import { planAdapter, type AdapterPlan, type ModelOutline } from '@lowrank/core';
import { stepMemory, stepWork, type BatchShape, type KernelMemory, type SpeedSample } from '@lowrank/efficiency';
import { LoraManager } from '@lowrank/manager';
import { outlineOf } from '@lowrank/models';
import { stepSeconds } from '@lowrank/trainer';
import type { MeasuredModel } from './measured-models.js';

/** Steps of a batch in one measurement at the most. */
const most = 30;

/** Seconds after which a batch has been measured enough. */
const enough = 0.15;

type Opened = Awaited<ReturnType<MeasuredModel['open']>>;

/** A small model with an adapter, whose steps are measured on the active backend. */
export class MeasuredSubject {
  #batches: BatchShape[];
  readonly #manager: LoraManager;
  readonly #outline: ModelOutline;
  readonly #plan: AdapterPlan;

  private constructor(
    private readonly measured: MeasuredModel,
    private readonly opened: Opened,
    private readonly kernels: KernelMemory,
  ) {
    const { config, targetModules, batches } = measured;
    this.#batches = batches;
    this.#outline = outlineOf(config);
    this.#plan = planAdapter({ rank: 8, alpha: 16, targetModules }, this.#outline.modules);
    this.#manager = new LoraManager(opened.host);
    this.#manager.add('measured', this.#plan);
  }

  static async open(measured: MeasuredModel, kernels: KernelMemory, folder?: string): Promise<MeasuredSubject> {
    return new MeasuredSubject(measured, await measured.open(folder), kernels);
  }

  /** Some seconds of steps of the cheapest batch: JavaScript engines are slow until they know what runs often. */
  async warmUp(seconds: number): Promise<void> {
    await this.#secondsOf(this.#batches[0]!, { most: 1000, seconds });
  }

  /**
   * What a step of each batch takes, from the cheapest on; those not begun at `end` are left out, of later rounds too.
   *
   * @param end as `performance.now()` tells time
   */
  async round(end: number): Promise<SpeedSample[]> {
    const samples: SpeedSample[] = [];
    for (const shape of this.#batches) {
      if (samples.length > 0 && performance.now() > end) break;
      const seconds = await this.#secondsOf(shape, { most, seconds: enough });
      samples.push({ work: stepWork(this.#outline, this.#plan, { ...shape, kernels: this.kernels }), seconds });
    }
    this.#batches = this.#batches.slice(0, samples.length);
    return samples;
  }

  /** Bytes that a step's tensors are predicted to take at the peak, with nothing for the backend beside them. */
  tensorBytes(shape: BatchShape): number {
    const kernels = { ...this.kernels, runtime: 0, overhead: 0 };
    return stepMemory(this.#outline, this.#plan, { ...shape, kernels }).total;
  }

  /** Some steps of a batch, for what they take beside time. */
  async steps(shape: BatchShape, count: number): Promise<void> {
    await this.#secondsOf(shape, { most: count, seconds: Infinity });
  }

  dispose(): void {
    this.#manager.dispose();
    this.opened.host.dispose();
  }

  #secondsOf(shape: BatchShape, limits: { most: number; seconds: number }): Promise<number> {
    const parameters = this.#manager.parameters('measured');
    const vocabSize = this.measured.config['vocab_size'] as number;
    return stepSeconds({ parameters, loss: this.opened.loss, shape, vocabSize, ...limits });
  }
}
