import {
  tensor2d,
  tidy,
  variable,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import type { FrozenWeight } from '../backend/kernels.js';
import { adapterOptions } from '../config/adapter-options.js';
import { scalingOf } from '../config/scaling.js';
import type { ForwardContext } from '../host/forward-context.js';
import { drawnFactors } from '../init/drawn-factors.js';
import type { InitialFactors } from '../init/initial-factors.js';
import type { LoraInit } from '../init/lora-init.js';
import { deltaWeight } from '../ops/delta-weight.js';
import { dropout } from '../ops/dropout.js';
import { frozenLinear } from '../ops/frozen-linear.js';
import type { LoraLinearWeights } from '../ops/lora-linear.js';
import { deriveSeed } from '../random/derive-seed.js';
import { Dora } from '../variants/dora.js';
import { lora } from '../variants/lora.js';
import { ShiftedLora } from '../variants/shifted-lora.js';
import type { Variant } from '../variants/variant.js';
import type { MergedTensors } from './adapted-module.js';
import { finiteOrFree } from './finite-or-free.js';
import type { FrozenLinear } from './frozen-linear.js';
import { LoraBias } from './lora-bias.js';
import type { LoraLayer } from './lora-layer.js';

export interface LoraLinearOptions {
  /** Columns of A and rows of B. A whole number of 1 or more. */
  rank: number;
  /** Scales the update by alpha / rank. */
  alpha: number;
  /** Scale by alpha / sqrt(rank) instead. Default false. */
  useRslora?: boolean;
  /** Train the magnitude of each output too, see `Dora`. Default false. */
  useDora?: boolean;
  /** Train a bias on B too. Default false. */
  loraBias?: boolean;
  /** Train a copy of the base's bias too, where it has one. Default false. */
  trainsBias?: boolean;
  /** Probability of dropping an input of the adapter while training. Default 0. */
  dropout?: number;
  /** How A and B start. Default `kaiming`. */
  init?: LoraInit;
  /** What they start as, where `init` is computed from the weight, see `initialFactors`. */
  start?: InitialFactors | undefined;
  /** Decides A's start and the dropout masks. Default 0. */
  seed?: number;
}

interface Parts {
  a: Variable;
  b: Variable;
  bias: LoraBias;
  variant: Variant;
}

/** A frozen linear layer with a low-rank update: `y = x W + bias + scaling · dropout(x) A B`, or a variant of that. */
export class LoraLinear implements LoraLayer {
  readonly kind = 'linear';
  enabled = true;
  #merged: MergedTensors<Tensor2D> | undefined;

  private constructor(
    readonly base: FrozenLinear,
    private readonly parts: Parts,
    readonly alpha: number,
    public scaling: number,
    public dropout: number,
    private readonly seed: number,
  ) {}

  /**
   * Wraps `base`, which stays its owner's and is never written to. B starts at zero unless `init` says otherwise.
   * Throws `config-invalid` for a rank, alpha or dropout out of its range, and for an `init` that needs a `start`.
   */
  static fromBase(base: FrozenLinear, options: LoraLinearOptions): LoraLinear {
    const { seed = 0, trainsBias = false, start, ...config } = options;
    const checked = adapterOptions(config);
    const { rank, alpha, dropout, init, loraBias, useDora } = checked;
    const drawn = start ?? drawnFactors({ in: base.in, out: base.out, rank, init, seed });
    const scaling = scalingOf(checked);
    const [a, b] = tidy(() => [
      variable(tensor2d(drawn.a, [base.in, rank])),
      variable(tensor2d(drawn.b, [rank, base.out])),
    ]);
    const factors = { a: a as unknown as Tensor2D, b: b as unknown as Tensor2D };
    const parts: Parts = {
      a: a as Variable,
      b: b as Variable,
      bias: new LoraBias(base.bias, { out: base.out, trainsBias, loraBias }),
      variant: variantOf({ weight: base.weight, ...factors, scaling }, { useDora, shifts: start?.shifts }),
    };
    return new LoraLinear(base, parts, alpha, scaling, dropout, seed);
  }

  /** `[in, rank]` */
  get a(): Variable {
    return this.parts.a;
  }

  /** `[rank, out]` */
  get b(): Variable {
    return this.parts.b;
  }

  get rank(): number {
    return this.b.shape[0] as number;
  }

  get merged(): boolean {
    return this.#merged !== undefined;
  }

  /** The weight that a plain linear would need to do what this layer does without an adapter path, `[in, out]`. */
  get weight(): FrozenWeight {
    return this.enabled && this.#merged ? this.#merged.weight : this.base.weight;
  }

  /** The bias that goes with it, `[out]`. */
  get bias(): Tensor1D | undefined {
    return this.enabled && this.#merged ? this.#merged.bias : this.base.bias;
  }

  /** @param input `[..., in]` @returns `[..., out]`, owned by the caller. */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    if (!this.enabled || this.merged) return frozenLinear(input, this.weight, this.bias);
    const { bias, variant } = this.parts;
    return tidy(() => bias.addTo(variant.forward(input, this.#weights, this.#dropped(input, context)), this.scaling));
  }

  /** For the price of the low-rank product. */
  update(input: Tensor, frozen: Tensor, context?: ForwardContext): Tensor {
    const { bias, variant } = this.parts;
    return tidy(() => {
      const dropped = this.#dropped(input, context);
      const product = () => bias.less(frozen);
      return bias.addUpdateTo(variant.update(input, this.#weights, dropped, product), this.scaling);
    });
  }

  /** Its factors, where `update` is `scaling · input A B` and no more: no variant, no dropout now, no bias of its own. */
  plainFactors(context?: ForwardContext): Pick<LoraLinearWeights, 'a' | 'b' | 'scaling'> | undefined {
    const drops = context?.training === true && this.dropout > 0;
    return drops || this.parts.variant !== lora || this.parts.bias.trains ? undefined : this.#weights;
  }

  delta(): Tensor2D {
    const { variant } = this.parts;
    return tidy(() => {
      const { a, b, scaling } = variant.effective?.(this.#weights) ?? this.#weights;
      return deltaWeight(a, b, scaling);
    });
  }

  async merge(): Promise<void> {
    if (this.merged) return;
    const merged = this.mergedTensors();
    await finiteOrFree(`the merged weight [${this.base.in}, ${this.base.out}]`, Object.values(merged));
    this.#merged = merged;
  }

  /** Throws `config-unsupported` for a bias on B over a base that has none. */
  mergedTensors(): MergedTensors<Tensor2D> {
    this.parts.bias.checkMergeable();
    const weight = this.parts.variant.merged(this.#weights);
    const bias = this.parts.bias.merged(this.scaling);
    return bias ? { weight, bias } : { weight };
  }

  unmerge(): void {
    this.#merged?.weight.dispose();
    this.#merged?.bias?.dispose();
    this.#merged = undefined;
  }

  parameters(path: string): Parameter[] {
    const { initial } = this.parts.variant;
    const { scaling } = this;
    return [
      { name: loraTensorName(path, 'lora_A'), path, role: 'lora_A', variable: this.a, scaling, initial: initial?.a },
      { name: loraTensorName(path, 'lora_B'), path, role: 'lora_B', variable: this.b, scaling, initial: initial?.b },
      ...this.parts.variant.parameters(path),
      ...this.parts.bias.parameters(path),
    ];
  }

  /** Frees what is trained and a merged weight; the base stays. */
  dispose(): void {
    this.unmerge();
    this.a.dispose();
    this.b.dispose();
    this.parts.variant.dispose();
    this.parts.bias.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  get #weights(): LoraLinearWeights {
    const [a, b] = [this.a as unknown as Tensor2D, this.b as unknown as Tensor2D];
    const frozenA = !this.a.trainable;
    return { weight: this.base.weight, bias: this.parts.bias.frozen, a, b, scaling: this.scaling, frozenA };
  }

  #dropped(input: Tensor, context?: ForwardContext): Tensor {
    if (!context?.training || this.dropout === 0) return input;
    return dropout(input, this.dropout, deriveSeed(context.seed, `dropout/${this.seed}`));
  }
}

interface VariantChoice {
  useDora: boolean;
  shifts?: boolean | undefined;
}

function variantOf(weights: LoraLinearWeights, { useDora, shifts }: VariantChoice): Variant {
  if (shifts) return new ShiftedLora(weights, (doubled) => variantOf(doubled, { useDora }));
  return useDora ? new Dora(weights) : lora;
}
