import {
  add,
  all,
  isFinite,
  tensor2d,
  tidy,
  variable,
  zeros,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import type { FrozenWeight } from '../backend/kernels.js';
import { loraConfig } from '../config/lora-config.js';
import { scalingOf } from '../config/scaling.js';
import { LowrankError } from '../errors/lowrank-error.js';
import type { ForwardContext } from '../host/forward-context.js';
import { initialA, type LoraInit } from '../init/initial-a.js';
import { deltaWeight } from '../ops/delta-weight.js';
import { dropout } from '../ops/dropout.js';
import { frozenLinear } from '../ops/frozen-linear.js';
import { loraLinear } from '../ops/lora-linear.js';
import { denseWeight } from '../quant/dense-weight.js';
import { deriveSeed } from '../random/derive-seed.js';
import type { FrozenLinear } from './frozen-linear.js';
import type { LoraLayer } from './lora-layer.js';

export interface LoraLinearOptions {
  /** Columns of A and rows of B. A whole number of 1 or more. */
  rank: number;
  /** Scales the update by alpha / rank. */
  alpha: number;
  /** Scale by alpha / sqrt(rank) instead. Default false. */
  useRslora?: boolean;
  /** Probability of dropping an input of the adapter while training. Default 0. */
  dropout?: number;
  /** How A starts. Default `kaiming`. */
  init?: LoraInit;
  /** Decides A's start and the dropout masks. Default 0. */
  seed?: number;
}

/** A frozen linear layer with a low-rank update: `y = x W + bias + scaling · dropout(x) A B`. */
export class LoraLinear implements LoraLayer {
  readonly kind = 'linear';
  enabled = true;
  #merged: Tensor2D | undefined;

  private constructor(
    readonly base: FrozenLinear,
    /** `[in, rank]` */
    readonly a: Variable,
    /** `[rank, out]` */
    readonly b: Variable,
    readonly alpha: number,
    readonly scaling: number,
    readonly dropout: number,
    private readonly seed: number,
  ) {}

  /**
   * Wraps `base`, which stays its owner's. B starts at zero, so nothing changes until training does.
   * Throws `config-invalid` for a rank, alpha or dropout out of its range.
   */
  static fromBase(base: FrozenLinear, options: LoraLinearOptions): LoraLinear {
    const { seed = 0, ...config } = options;
    const { rank, alpha, useRslora, dropout, init } = loraConfig({ ...config, targetModules: 'all-linear' });
    const start = initialA({ in: base.in, rank, init, seed: deriveSeed(seed, 'lora_A') });
    const [a, b] = tidy(() => [variable(tensor2d(start, [base.in, rank])), variable(zeros([rank, base.out]))]);
    const scaling = scalingOf({ rank, alpha, useRslora });
    return new LoraLinear(base, a as Variable, b as Variable, alpha, scaling, dropout, seed);
  }

  get rank(): number {
    return this.b.shape[0] as number;
  }

  get merged(): boolean {
    return this.#merged !== undefined;
  }

  /** The weight that a plain linear would need to do what this layer does without an adapter path, `[in, out]`. */
  get weight(): FrozenWeight {
    return this.enabled && this.#merged ? this.#merged : this.base.weight;
  }

  get bias(): Tensor1D | undefined {
    return this.base.bias;
  }

  /** @param input `[..., in]` @returns `[..., out]`, owned by the caller. */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    if (!this.enabled || this.merged) return frozenLinear(input, this.weight, this.bias);
    const { bias, scaling } = this;
    const weights = { weight: this.base.weight, bias, a: this.#a, b: this.#b, scaling };
    return tidy(() => loraLinear(input, weights, this.#dropped(input, context)));
  }

  delta(): Tensor2D {
    return deltaWeight(this.#a, this.#b, this.scaling);
  }

  async merge(): Promise<void> {
    if (this.merged) return;
    const [merged, finite] = tidy(() => {
      const sum = add(denseWeight(this.base.weight), this.delta()) as Tensor2D;
      return [sum, all(isFinite(sum))] as const;
    });
    const [ok] = await finite.data();
    finite.dispose();
    if (ok) {
      this.#merged = merged;
      return;
    }
    merged.dispose();
    throw new LowrankError('not-finite', {
      given: `the merged weight [${this.base.in}, ${this.base.out}]`,
      rule: 'merging needs every value of W + scaling · A B to be finite',
      fix: 'look for a diverged training run (lower the learning rate) or an extreme alpha',
    });
  }

  unmerge(): void {
    this.#merged?.dispose();
    this.#merged = undefined;
  }

  parameters(path: string): Parameter[] {
    return [
      { name: loraTensorName(path, 'lora_A'), path, role: 'lora_A', variable: this.a },
      { name: loraTensorName(path, 'lora_B'), path, role: 'lora_B', variable: this.b },
    ];
  }

  /** Frees the factors and a merged weight; the base stays. */
  dispose(): void {
    this.unmerge();
    this.a.dispose();
    this.b.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #a(): Tensor2D {
    return this.a as unknown as Tensor2D;
  }

  get #b(): Tensor2D {
    return this.b as unknown as Tensor2D;
  }

  #dropped(input: Tensor, context?: ForwardContext): Tensor {
    if (!context?.training || this.dropout === 0) return input;
    return dropout(input, this.dropout, deriveSeed(context.seed, `dropout/${this.seed}`));
  }
}
