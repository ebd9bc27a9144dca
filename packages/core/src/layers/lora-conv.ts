import {
  add,
  mul,
  reshape,
  tensor,
  tidy,
  variable,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import { adapterOptions } from '../config/adapter-options.js';
import { scalingOf } from '../config/scaling.js';
import type { ForwardContext } from '../host/forward-context.js';
import { drawnFactors } from '../init/drawn-factors.js';
import { deltaWeight } from '../ops/delta-weight.js';
import { dropout } from '../ops/dropout.js';
import { frozenConv } from '../ops/frozen-conv.js';
import { loraConv, loraConvUpdate, type LoraConvWeights } from '../ops/lora-conv.js';
import { deriveSeed } from '../random/derive-seed.js';
import { convDora } from '../variants/dora-conv.js';
import type { Dora } from '../variants/dora.js';
import type { MergedTensors } from './adapted-module.js';
import { checkConvAdapter, checkConvMergeable } from './conv-limits.js';
import { finiteOrFree } from './finite-or-free.js';
import type { FrozenConv } from './frozen-conv.js';
import { LoraBias } from './lora-bias.js';
import type { LoraLayer } from './lora-layer.js';
import type { LoraLinearOptions } from './lora-linear.js';

interface Parts {
  a: Variable;
  b: Variable;
  bias: LoraBias;
  dora: Dora | undefined;
}

/**
 * A frozen convolution with a low-rank update, as PEFT has it: `y = x * W + bias + scaling · (dropout(x) * A) * B`, A a
 * convolution of W's kernel, strides and padding to `rank` channels, B one of a single place; see `loraConv`.
 */
export class LoraConv implements LoraLayer {
  enabled = true;
  #merged: MergedTensors | undefined;

  private constructor(
    readonly base: FrozenConv,
    private readonly parts: Parts,
    readonly alpha: number,
    public scaling: number,
    public dropout: number,
    private readonly seed: number,
  ) {}

  /**
   * Wraps `base`, which stays its owner's. B starts at zero unless `init` says otherwise.
   * Throws `config-invalid` for a rank, alpha or dropout out of its range, or a rank that the groups do not divide;
   * `config-unsupported` for DoRA on groups, for dilations without `same` padding, and for a start that linears alone have.
   */
  static fromBase(base: FrozenConv, options: LoraLinearOptions): LoraConv {
    const { seed = 0, trainsBias = false, ...config } = options;
    const checked = adapterOptions(config);
    const { rank, alpha, dropout, init, loraBias, useDora } = checked;
    checkConvAdapter(base, { rank, useDora, init });
    const { kernel, in: features, out, weight, geometry } = base;
    const fan = kernel.reduce((size, side) => size * side, features);
    const start = drawnFactors({ in: fan, out: out / geometry.groups, rank, init, seed });
    const scaling = scalingOf(checked);
    const shapeB = [...kernel.map(() => 1), rank / geometry.groups, out];
    const [a, b] = tidy(() => [
      variable(tensor(start.a, [...kernel, features, rank])) as Variable,
      variable(tensor(start.b, shapeB)) as Variable,
    ]);
    const parts: Parts = {
      a,
      b,
      bias: new LoraBias(base.bias, { out, trainsBias, loraBias }),
      dora: useDora ? convDora.of({ weight, a, b, scaling, geometry }) : undefined,
    };
    return new LoraConv(base, parts, alpha, scaling, dropout, seed);
  }

  get kind(): 'conv1d' | 'conv2d' {
    return this.base.kind;
  }

  /** `[...kernel, in, rank]` */
  get a(): Variable {
    return this.parts.a;
  }

  /** `[...1, rank / groups, out]` */
  get b(): Variable {
    return this.parts.b;
  }

  get rank(): number {
    return this.a.shape.at(-1) as number;
  }

  get merged(): boolean {
    return this.#merged !== undefined;
  }

  /** The kernel that a plain convolution would need, `[...kernel, in / groups, out]`. */
  get weight(): Tensor {
    return this.enabled && this.#merged ? this.#merged.weight : this.base.weight;
  }

  /** The bias that goes with it, `[out]`. */
  get bias(): Tensor1D | undefined {
    return this.enabled && this.#merged ? this.#merged.bias : this.base.bias;
  }

  /** @param input `[batch, ...space, in]` @returns `[batch, ...space, out]`, owned by the caller. */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    if (!this.enabled || this.merged) return frozenConv(input, this.weight, this.bias, this.base.geometry);
    const { bias, dora } = this.parts;
    return tidy(() => {
      const dropped = this.#dropped(input, context);
      const y = dora ? convDora.forward(dora, input, this.#weights, dropped) : loraConv(input, this.#weights, dropped);
      return bias.addTo(y, this.scaling);
    });
  }

  /** For the price of the low-rank product. */
  update(input: Tensor, frozen: Tensor, context?: ForwardContext): Tensor {
    const { bias, dora } = this.parts;
    return tidy(() => {
      const dropped = this.#dropped(input, context);
      const kept = () => (dropped === input ? bias.less(frozen) : this.#product(dropped));
      const weights = this.#weights;
      const update = dora ? convDora.update(dora, dropped, weights, kept()) : loraConvUpdate(dropped, weights);
      return bias.addUpdateTo(update, this.scaling);
    });
  }

  /** `[...kernel, in, out]`. Throws `config-unsupported` where no kernel of the base's says what the adapter does. */
  delta(): Tensor {
    checkConvMergeable(this.base);
    const { a, b, scaling } = this.#weights;
    return tidy(() => reshape(deltaWeight(matrix(a), matrix(b), scaling), this.base.weight.shape));
  }

  async merge(): Promise<void> {
    if (this.merged) return;
    const merged = this.mergedTensors();
    await finiteOrFree(`the merged kernel [${merged.weight.shape.join(', ')}]`, Object.values(merged));
    this.#merged = merged;
  }

  /** Throws `config-unsupported` where no kernel and bias of the base's say what the adapter does. */
  mergedTensors(): MergedTensors {
    checkConvMergeable(this.base);
    this.parts.bias.checkMergeable();
    const weight = tidy(() => {
      const sum = add(this.base.weight, this.delta());
      return this.parts.dora ? mul(sum, convDora.ratio(this.parts.dora, this.#weights)) : sum;
    });
    const bias = this.parts.bias.merged(this.scaling);
    return bias ? { weight, bias } : { weight };
  }

  unmerge(): void {
    this.#merged?.weight.dispose();
    this.#merged?.bias?.dispose();
    this.#merged = undefined;
  }

  parameters(path: string): Parameter[] {
    return [
      { name: loraTensorName(path, 'lora_A'), path, role: 'lora_A', variable: this.a },
      { name: loraTensorName(path, 'lora_B'), path, role: 'lora_B', variable: this.b },
      ...(this.parts.dora?.parameters(path) ?? []),
      ...this.parts.bias.parameters(path),
    ];
  }

  /** Frees what is trained and a merged kernel; the base stays. */
  dispose(): void {
    this.unmerge();
    for (const part of [this.a, this.b, this.parts.bias, this.parts.dora]) part?.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** The base's output without its bias, in a `tidy` of the caller. */
  #product(input: Tensor): Tensor {
    return frozenConv(input, this.base.weight, undefined, this.base.geometry);
  }

  get #weights(): LoraConvWeights {
    const { weight, geometry } = this.base;
    return { weight, bias: this.parts.bias.frozen, a: this.a, b: this.b, scaling: this.scaling, geometry };
  }

  #dropped(input: Tensor, context?: ForwardContext): Tensor {
    if (!context?.training || this.dropout === 0) return input;
    return dropout(input, this.dropout, deriveSeed(context.seed, `dropout/${this.seed}`));
  }
}

/** A kernel as the matrix of all that goes into a channel by the channels. */
function matrix(kernel: Tensor): Tensor2D {
  return reshape(kernel, [-1, kernel.shape.at(-1) as number]);
}
