import {
  ones,
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
import { LowrankError } from '../errors/lowrank-error.js';
import type { FrozenModule } from '../host/frozen-module.js';
import type { ForwardContext } from '../host/forward-context.js';
import { BlockWeight } from '../quant/block-weight.js';
import { denseWeight } from '../quant/dense-weight.js';
import type { AdaptedModule } from './adapted-module.js';
import { FrozenConv } from './frozen-conv.js';
import { tableOf } from './table-of.js';
import { trainedForward } from './trained-forward.js';

/**
 * A copy of a base module that is trained itself, whole or only its bias: PEFT's `modules_to_save` and `bias`. It is
 * as fast as the base, so merging has nothing to do.
 */
export class TrainedModule implements AdaptedModule {
  enabled = true;
  readonly merged = true;
  readonly #weight: Variable | undefined;
  readonly #bias: Variable | undefined;
  readonly #constants: Tensor1D[];

  /**
   * @param base stays its owner's; a linear, a `FrozenConv`, an embedding, a `norm` or a `layer-norm`
   * @throws `config-unsupported` for a module of another kind
   */
  constructor(
    readonly base: FrozenModule,
    trains: 'module' | 'bias',
  ) {
    const known = base.kind.startsWith('conv') ? base instanceof FrozenConv : base.kind in trainedForward;
    if (!known) throw unsupported(base.kind);
    this.#weight = trains === 'module' ? copied(() => ownWeight(base)) : undefined;
    this.#bias = base.bias && copied(() => base.bias as Tensor);
    const { size } = base.weight as Tensor1D;
    this.#constants = base.kind.endsWith('norm') ? [ones([size]), zeros([size])] : [];
  }

  get kind(): string {
    return this.base.kind;
  }

  get weight(): FrozenModule['weight'] {
    return this.enabled && this.#weight ? (this.#weight as unknown as Tensor2D) : this.base.weight;
  }

  get bias(): Tensor1D | undefined {
    return this.enabled && this.#bias ? (this.#bias as unknown as Tensor1D) : this.base.bias;
  }

  get epsilon(): number | undefined {
    return this.base.epsilon;
  }

  /** @param input what the base takes @returns what the base gives, owned by the caller */
  forward(input: Tensor, context?: ForwardContext): Tensor {
    if (!this.enabled) return this.base.forward(input, context);
    const forward = trainedForward[this.kind as keyof typeof trainedForward];
    const [one, zero] = this.#constants;
    const trained = { weight: this.#weight, bias: this.#bias, ones: one, zeros: zero };
    return tidy(() => forward(input, this.base, trained));
  }

  mergedTensors(): undefined {}

  async merge(): Promise<void> {}

  unmerge(): void {}

  parameters(path: string): Parameter[] {
    const named = { weight: this.#weight, bias: this.#bias };
    return (['weight', 'bias'] as const).flatMap((role) => {
      const own = named[role];
      return own ? [{ name: loraTensorName(path, role), path, role, variable: own }] : [];
    });
  }

  dispose(): void {
    this.#weight?.dispose();
    this.#bias?.dispose();
    for (const constant of this.#constants) constant.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function ownWeight(base: FrozenModule): Tensor {
  if (base.kind === 'embedding') return tableOf(base);
  return base.weight instanceof BlockWeight ? denseWeight(base.weight) : base.weight;
}

function copied(make: () => Tensor): Variable {
  return tidy(() => variable(make()));
}

function unsupported(kind: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `a module of kind "${kind}"`,
    rule: `only these can be trained: ${Object.keys(trainedForward).join(', ')}`,
    fix: 'leave it out of modulesToSave',
  });
}
