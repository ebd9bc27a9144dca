import {
  add,
  keep,
  mul,
  sub,
  tidy,
  variable,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from '@tensorflow/tfjs-core';
import type { Parameter } from '../adapter/parameter.js';
import { loraTensorName } from '../adapter/tensor-name.js';
import { columnSquares, updatedNorm } from '../ops/column-norm.js';
import { detachedRatio } from '../ops/detached-ratio.js';
import { frozenLinear } from '../ops/frozen-linear.js';
import { loraLinear } from '../ops/lora-linear.js';
import { lowRankProduct } from '../ops/low-rank-product.js';
import { noRows } from '../ops/no-rows.js';
import { rowsOf } from '../ops/rows.js';
import { lora } from './lora.js';
import type { Variant, VariantWeights } from './variant.js';

/**
 * Weight-decomposed LoRA: `(m / n) ∘ (W + scaling · A B)`, column by column, where `m` `[out]` is trained and starts as
 * the norms of W's columns, and `n` are those of `W + scaling · A B`, through which no gradient passes. A bias is
 * outside. `n` is computed without an `[in, out]` matrix, and again only once A or B have changed.
 *
 * @see Liu et al. 2024, https://arxiv.org/abs/2402.09353, section 4.3
 */
export class Dora implements Variant {
  /** `[out]` */
  readonly magnitude: Variable;
  readonly #squares: Tensor1D;
  #norm: { of: unknown[]; value: Tensor1D } | undefined;

  /** @param weights the factors at the start */
  constructor(weights: VariantWeights) {
    const { weight, a, b, scaling } = weights;
    const [squares, magnitude] = tidy(() => {
      const squares = columnSquares(weight);
      return [squares, variable(updatedNorm({ weight, squares, a, b, scaling }))] as [Tensor1D, Variable];
    });
    this.#squares = squares;
    this.magnitude = magnitude;
  }

  forward(x: Tensor, weights: VariantWeights, dropped: Tensor): Tensor {
    if (rowsOf(x.shape) === 0) return this.#nothing(x, weights, dropped);
    const { bias, ...unbiased } = weights;
    const ratio = this.ratio(weights);
    if (dropped === x) {
      const scaled = mul(loraLinear(x, unbiased), ratio);
      return bias ? add(scaled, bias) : scaled;
    }
    const { weight } = weights;
    return add(frozenLinear(x, weight, bias), this.#shift(frozenLinear(dropped, weight), weights, dropped));
  }

  update(x: Tensor, weights: VariantWeights, dropped: Tensor, product: () => Tensor): Tensor {
    if (rowsOf(x.shape) === 0) return this.#nothing(x, weights, dropped);
    return this.#shift(dropped === x ? product() : frozenLinear(dropped, weights.weight), weights, dropped);
  }

  merged(weights: VariantWeights): Tensor2D {
    return tidy(() => mul(lora.merged(weights), this.ratio(weights)) as Tensor2D);
  }

  parameters(path: string): Parameter[] {
    const role = 'lora_magnitude_vector';
    return [{ name: loraTensorName(path, role), path, role, variable: this.magnitude }];
  }

  dispose(): void {
    this.magnitude.dispose();
    this.#squares.dispose();
    this.#norm?.value.dispose();
  }

  /** `m / n` `[out]`, differentiable in m, owned by the caller. */
  ratio(weights: VariantWeights): Tensor {
    return detachedRatio(this.magnitude as unknown as Tensor1D, () => this.#currentNorm(weights));
  }

  #nothing(x: Tensor, { weight, a, b }: VariantWeights, dropped: Tensor): Tensor {
    const inputs = [...new Set([x, dropped]), a, b, this.magnitude];
    return noRows(inputs, [...x.shape.slice(0, -1), weight.shape[1]]);
  }

  /** @param kept `x' W`, of what dropout left of x */
  #shift(kept: Tensor, weights: VariantWeights, dropped: Tensor): Tensor {
    return sub(mul(add(kept, lowRankProduct(dropped, weights)), this.ratio(weights)), kept);
  }

  /** A variable that was assigned to has other data, so the data tell whether the norm still holds. */
  #currentNorm({ weight, a, b, scaling, madeOf = [a.dataId, b.dataId] }: VariantWeights): Tensor1D {
    const of = [...madeOf, scaling];
    if (!this.#norm || this.#norm.of.some((part, at) => part !== of[at])) {
      const value = keep(updatedNorm({ weight, squares: this.#squares, a, b, scaling }));
      this.#norm?.value.dispose();
      this.#norm = { of, value };
    }
    return this.#norm.value;
  }
}
