import { attention, residual, type ForwardContext, type ModelOutline } from '@lowrank/core';
import {
  add,
  concat,
  mul,
  range,
  reshape,
  split,
  tidy,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from '@tensorflow/tfjs-core';
import type { CausalModel } from '../causal-model.js';
import { ModuleTree, type OwnedModule } from '../module.js';
import { activations } from '../parts/activation.js';
import { checkLength } from '../parts/check-length.js';
import { joinHeads, splitHeads } from '../parts/heads.js';
import type { KvCache } from '../parts/kv-cache.js';
import { cachesOf, eachPart } from '../parts/row-caches.js';
import type { Gpt2Config } from './gpt2-config.js';
import { scoreFactor } from './gpt2-pass.js';

/** What one forward pass carries from layer to layer. */
interface Pass {
  context: ForwardContext | undefined;
  /** One for all rows, or one for each. */
  parts: { cache?: KvCache }[];
}

/**
 * The GPT-2 architecture: pre-norm blocks of causal attention and a GELU MLP over learned positions. The dropout of its
 * pretraining is left out: it is frozen.
 * @see Radford et al. 2019, https://cdn.openai.com/better-language-models/language_models_are_unsupervised_multitask_learners.pdf, section 2.3
 */
export class Gpt2 extends ModuleTree implements CausalModel {
  /** @param outline of the same config @param modules one for each of its, by path; owned by the model. */
  constructor(
    readonly config: Gpt2Config,
    outline: ModelOutline,
    modules: Map<string, OwnedModule>,
  ) {
    super(outline, modules);
  }

  forward(ids: Tensor2D, context?: ForwardContext, cache?: KvCache | readonly KvCache[]): Tensor3D {
    const parts = cachesOf(cache);
    const seq = ids.shape[1];
    for (const { past } of parts) checkLength(past + seq, this.config.maxPositions);
    return tidy(() => {
      const pass: Pass = { context, parts };
      const places = parts.map(({ past }) => reshape(range(past, past + seq, 1, 'int32'), [1, seq]));
      const positions = concat(places, 0);
      let hidden = add(this.#run('transformer.wte', ids, pass), this.#run('transformer.wpe', positions, pass));
      for (let layer = 0; layer < this.config.layers; layer++) {
        // A tidy for each block: what no gradient reads goes at once, not at the end of the step.
        hidden = tidy(() => this.#block(layer, hidden, pass));
      }
      return this.#run('lm_head', this.#run('transformer.ln_f', hidden, pass), pass) as Tensor3D;
    });
  }

  /** @param hidden `[batch, seq, hidden]` @returns the same shape */
  #block(layer: number, hidden: Tensor, pass: Pass): Tensor {
    const path = `transformer.h.${layer}`;
    const attended = residual(hidden, this.#attend(layer, this.#run(`${path}.ln_1`, hidden, pass), pass));
    const wide = this.#run(`${path}.mlp.c_fc`, this.#run(`${path}.ln_2`, attended, pass), pass);
    return residual(attended, this.#run(`${path}.mlp.c_proj`, activations[this.config.activation](wide), pass));
  }

  #attend(layer: number, x: Tensor, pass: Pass): Tensor {
    const path = `transformer.h.${layer}.attn`;
    const parts = split(this.#run(`${path}.c_attn`, x, pass), 3, -1);
    const [q, k, v] = parts.map((part) => splitHeads(part, this.config.heads)) as [Tensor4D, Tensor4D, Tensor4D];
    const mixed = eachPart(pass.parts, [q, k, v], ({ cache }, query, key, value) => {
      const { keys, values } = cache?.append(layer, key, value) ?? { keys: key, values: value };
      return attention(this.#scaled(query, layer), keys, values, { causal: true }) as Tensor4D;
    });
    return this.#run(`${path}.c_proj`, joinHeads(mixed), pass);
  }

  #scaled(q: Tensor, layer: number): Tensor {
    const factor = scoreFactor(this.config, layer);
    return factor === 1 ? q : mul(q, factor);
  }

  #run(path: string, input: Tensor, { context }: Pass): Tensor {
    return this.get(path).forward(input, context);
  }
}
