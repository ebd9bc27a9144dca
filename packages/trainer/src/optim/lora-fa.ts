import { loraTensorName, type Parameter } from '@lowrank/core';
import { dispose, matMul, tensor2d, type NamedTensorMap, type Tensor2D } from '@tensorflow/tfjs-core';
import { inverse } from './inverse.js';
import type { GradientTransform } from './optimizer.js';

/**
 * LoRA-FA: A `[in, rank]` of each linear stays as it started, and B's gradient becomes
 * `(Aᵀ A + 1e-8)⁻¹ dB / scaling²`, the step of B by which `scaling · A B` comes nearest to the step that a whole weight
 * would take. Everything else is trained as usual. The numbers are those of PEFT's `create_lorafa_optimizer`, which
 * rounds the product to bfloat16 where the machine has it.
 *
 * @see Zhang et al. 2023, https://arxiv.org/abs/2308.03303
 */
export class LoraFa {
  /** What is trained: all but the A's. */
  readonly trained: Parameter[];
  readonly #factors: { a: Parameter; b: string }[];
  #corrections: NamedTensorMap | undefined;

  constructor(parameters: Parameter[]) {
    this.trained = parameters.filter(({ role }) => role !== 'lora_A');
    this.#factors = parameters
      .filter(({ role }) => role === 'lora_A')
      .map((a) => ({ a, b: loraTensorName(a.path, 'lora_B') }));
  }

  /**
   * Reads the A's, before the first update, and marks them as what does not learn: so no layer computes a gradient for
   * them, or keeps what only that would read. Once they are read it does nothing.
   */
  async prepare(): Promise<void> {
    if (this.#corrections) return;
    this.#mark(false);
    const made = await Promise.all(this.#factors.map(async ({ a, b }) => [b, await correctionOf(a)] as const));
    this.#corrections = Object.fromEntries(made);
  }

  /** `prepare` must have ended. */
  readonly transform: GradientTransform = (gradients) => {
    const corrected = { ...gradients };
    for (const [name, correction] of Object.entries(this.#corrections ?? {})) {
      const gradient = gradients[name];
      if (gradient) corrected[name] = matMul(correction as Tensor2D, gradient as Tensor2D);
    }
    return corrected;
  };

  /** Gives the A's back as they were. */
  dispose(): void {
    this.#mark(true);
    dispose(this.#corrections ?? {});
    this.#corrections = undefined;
  }

  #mark(trainable: boolean): void {
    for (const { a } of this.#factors) a.variable.trainable = trainable;
  }
}

/** `(Aᵀ A + 1e-8)⁻¹ / scaling²`, `[rank, rank]`, by float64. */
async function correctionOf({ variable, scaling = 1 }: Parameter): Promise<Tensor2D> {
  const [features, rank] = variable.shape as [number, number];
  const a = await variable.data();
  const gram = new Float64Array(rank * rank);
  for (let row = 0; row < rank; row++) {
    for (let column = 0; column < rank; column++) {
      let total = row === column ? 1e-8 : 0;
      for (let feature = 0; feature < features; feature++) {
        total += a[feature * rank + row]! * a[feature * rank + column]!;
      }
      gram[row * rank + column] = total;
    }
  }
  return tensor2d(
    Float32Array.from(inverse(gram, rank), (value) => value / scaling ** 2),
    [rank, rank],
  );
}
