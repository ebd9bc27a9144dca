import { concat, dispose, neg, tidy, variable, type Tensor, type Tensor2D, type Variable } from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import type { Variant, VariantWeights } from './variant.js';

/**
 * LoRA whose factors start at something that the base holds already (PiSSA, OLoRA): it adds what has changed since,
 * `W + scaling · (A B - A₀ B₀)`, where PEFT writes `W - scaling · A₀ B₀` into the base. Here the base stays as it is, for
 * other adapters and for switching off; and training is the same, since `A₀ B₀` has no gradient.
 *
 * It computes as plain LoRA of twice the rank, `[A A₀] [B; -B₀]`, which is also what it is saved as: a step costs what
 * one of that rank does, and A₀ and B₀ lie in memory beside A and B.
 *
 * @see Meng et al. 2024, https://arxiv.org/abs/2404.02948, appendix C
 */
export class ShiftedLora implements Variant {
  readonly initial: { a: Variable; b: Variable };
  readonly #inner: Variant;

  /**
   * @param weights the factors at the start, of which it keeps copies
   * @param inner makes the variant that works on the doubled factors; it is owned here
   */
  constructor(weights: VariantWeights, inner: (doubled: VariantWeights) => Variant) {
    this.initial = { a: variable(weights.a, false), b: variable(weights.b, false) };
    const doubled = tidy(() => {
      const { a, b } = this.effective(weights);
      return { a, b };
    });
    this.#inner = inner({ ...weights, ...doubled });
    dispose(doubled);
  }

  /** `[A A₀]` `[in, 2 rank]` and `[B; -B₀]` `[2 rank, out]`. */
  effective(weights: VariantWeights): VariantWeights {
    const { a, b } = this.initial;
    return {
      ...weights,
      a: concat([weights.a, a as unknown as Tensor2D], 1),
      b: concat([weights.b, neg(b as unknown as Tensor2D)], 0),
      madeOf: [weights.a, weights.b, a, b].map(({ dataId }) => dataId),
    };
  }

  forward(x: Tensor, weights: VariantWeights, dropped: Tensor): Tensor {
    return this.#inner.forward(x, this.effective(weights), dropped);
  }

  update(x: Tensor, weights: VariantWeights, dropped: Tensor, product: () => Tensor): Tensor {
    return this.#inner.update(x, this.effective(weights), dropped, product);
  }

  merged(weights: VariantWeights): Tensor2D {
    return tidy(() => this.#inner.merged(this.effective(weights)));
  }

  parameters(path: string): Parameter[] {
    return this.#inner.parameters(path);
  }

  dispose(): void {
    this.initial.a.dispose();
    this.initial.b.dispose();
    this.#inner.dispose();
  }
}
