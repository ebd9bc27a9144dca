import {
  BlockWeight,
  denseWeight,
  dequantise,
  LowrankError,
  type FrozenModule,
  type MergedTensors,
} from '@lowrank/core';
import { add, all, clone, dispose, isFinite, mul, stack, sub, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { plainModule } from './plain-module.js';
import type { Site } from './site.js';

/** Plain modules that do what adapters did, by path; it owns their tensors. */
export class Merged {
  readonly modules = new Map<string, FrozenModule>();
  readonly #tensors: MergedTensors[] = [];

  /** Throws `config-unsupported` where something cannot be merged; nothing is left behind. */
  constructor(sites: Iterable<Site>) {
    try {
      for (const site of sites) this.#merge(site);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  /** Throws `not-finite` with the first path where a value is not. */
  async check(): Promise<void> {
    if (this.#tensors.length === 0) return;
    const finite = tidy(() => stack(this.#tensors.flatMap((one) => Object.values(one).map((t) => all(isFinite(t))))));
    const values = await finite.data();
    finite.dispose();
    const paths = [...this.modules.keys()].flatMap((path, at) => Object.keys(this.#tensors[at]!).map(() => path));
    const broken = values.findIndex((value) => !value);
    if (broken === -1) return;
    throw new LowrankError('not-finite', {
      given: `the merged weights of "${paths[broken]}"`,
      rule: 'merging needs every value of W + scaling · A B to be finite',
      fix: 'look for a diverged training run (lower the learning rate) or an extreme alpha, scale or weight',
    });
  }

  dispose(): void {
    for (const tensors of this.#tensors.splice(0)) dispose(Object.values(tensors));
  }

  #merge({ path, base, acting }: Site): void {
    const [first] = acting;
    if (!first) return;
    const alone = acting.length === 1 && first.weight === 1;
    const tensors = alone ? first.module.mergedTensors() : summed(base, acting);
    if (!tensors) return;
    this.#tensors.push(tensors);
    this.modules.set(path, plainModule(base, tensors as Pick<FrozenModule, 'weight' | 'bias'>));
  }
}

/** `W + Σ weightᵢ (Wᵢ - W)`, and the biases alike; undefined where nothing is there to merge. */
function summed(base: FrozenModule, acting: Site['acting']): MergedTensors | undefined {
  const made = tidy(() => {
    const parts = acting.map(({ module, weight }) => ({ tensors: module.mergedTensors(), weight }));
    if (parts.some(({ tensors }) => !tensors)) return {};
    const start = baseWeight(base);
    const shift = (sum: Tensor, own: Tensor, value: Tensor | undefined, weight: number): Tensor =>
      value ? add(sum, mul(sub(value, own), weight)) : sum;
    let [weightSum, biasSum]: [Tensor, Tensor | undefined] = [start, base.bias];
    for (const { tensors, weight } of parts) {
      weightSum = shift(weightSum, start, tensors?.weight, weight);
      if (base.bias) biasSum = shift(biasSum as Tensor, base.bias, tensors?.bias, weight);
    }
    return { weight: weightSum, ...(biasSum ? { bias: biasSum.clone() } : {}) };
  });
  return 'weight' in made ? (made as MergedTensors) : undefined;
}

/** Dense, `[vocab, hidden]` of an embedding. */
function baseWeight({ kind, weight }: FrozenModule): Tensor {
  if (!(weight instanceof BlockWeight)) return clone(weight as Tensor);
  return kind === 'embedding' ? dequantise(weight) : denseWeight(weight);
}
