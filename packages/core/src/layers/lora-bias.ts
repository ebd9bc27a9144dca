import {
  add,
  addN,
  mul,
  sub,
  tidy,
  variable,
  zeros,
  type Tensor,
  type Tensor1D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import { LowrankError } from '../errors/lowrank-error.js';

export interface LoraBiasOptions {
  out: number;
  /** Train a copy of the base's bias, where it has one. */
  trainsBias: boolean;
  /** Train a bias on B, which starts at zero. */
  loraBias: boolean;
}

/** What an adapted linear adds to its products: the base's bias, frozen or trained, and `scaling ·` a bias on B. */
export class LoraBias {
  readonly #own: Variable | undefined;
  readonly #onB: Variable | undefined;

  /** @param base `[out]`, stays its owner's */
  constructor(
    private readonly base: Tensor1D | undefined,
    { out, trainsBias, loraBias }: LoraBiasOptions,
  ) {
    this.#own = trainsBias && base ? variable(base) : undefined;
    this.#onB = loraBias ? tidy(() => variable(zeros([out]))) : undefined;
  }

  /** The base's bias while it is frozen: an op may add it on its way. */
  get frozen(): Tensor1D | undefined {
    return this.#own ? undefined : this.base;
  }

  /** Whether there is anything but the frozen bias. */
  get trains(): boolean {
    return this.#own !== undefined || this.#onB !== undefined;
  }

  /** `y` and all that is trained here, in a `tidy` of the caller. */
  addTo(y: Tensor, scaling: number): Tensor {
    return this.#trained(scaling).reduce((sum, term) => add(sum, term), y);
  }

  /** `update` and all by which it differs from the base's bias, in a `tidy` of the caller. */
  addUpdateTo(update: Tensor, scaling: number): Tensor {
    const sum = this.addTo(update, scaling);
    return this.#own ? this.less(sum) : sum;
  }

  /** `y` without the base's bias, in a `tidy` of the caller. */
  less(y: Tensor): Tensor {
    return this.base ? sub(y, this.base) : y;
  }

  /** All of it as one bias `[out]`, owned by the caller; undefined where there is nothing to add. */
  merged(scaling: number): Tensor1D | undefined {
    if (!this.base && !this.#onB) return undefined;
    return tidy(() => addN([...(this.frozen ? [this.frozen] : []), ...this.#trained(scaling)]) as Tensor1D);
  }

  /** Throws `config-unsupported` where merging would give a bias to a base that has none. */
  checkMergeable(): void {
    if (!this.#onB || this.base) return;
    throw new LowrankError('config-unsupported', {
      given: 'merging an adapter with loraBias',
      rule: 'the base layer has no bias that could take it up',
      fix: 'use the adapter unmerged',
    });
  }

  parameters(path: string): Parameter[] {
    const named = { 'lora_B.bias': this.#onB, bias: this.#own };
    return (['lora_B.bias', 'bias'] as const).flatMap((role) => {
      const own = named[role];
      return own ? [{ name: loraTensorName(path, role), path, role, variable: own }] : [];
    });
  }

  dispose(): void {
    this.#own?.dispose();
    this.#onB?.dispose();
  }

  /** In a `tidy` of the caller. */
  #trained(scaling: number): Tensor[] {
    return [...(this.#own ? [this.#own as Tensor] : []), ...(this.#onB ? [mul(this.#onB, scaling)] : [])];
  }
}
