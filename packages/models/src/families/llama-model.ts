import { attention, residual, rotary, swiglu, type ForwardContext, type ModelOutline } from '@lowrank/core';
import { tidy, type Tensor, type Tensor2D, type Tensor3D, type Tensor4D } from '@tensorflow/tfjs-core';
import type { CausalModel } from '../causal-model.js';
import { ModuleTree, type OwnedModule } from '../module.js';
import type { KvCache } from '../parts/kv-cache.js';
import { checkLength } from '../parts/check-length.js';
import { joinHeads, splitHeads } from '../parts/heads.js';
import { cachesOf, eachPart } from '../parts/row-caches.js';
import { Rope } from '../parts/rope.js';
import type { LlamaConfig } from './llama-config.js';

/** What one forward pass carries from layer to layer. */
interface Pass {
  context: ForwardContext | undefined;
  /** One for all rows, or one for each. */
  parts: { cos: Tensor2D; sin: Tensor2D; cache?: KvCache }[];
}

/**
 * The Llama architecture: pre-norm blocks of grouped-query attention with rotary positions and a SwiGLU MLP.
 * @see Touvron et al. 2023, https://arxiv.org/abs/2307.09288, section 2.2
 */
export class Llama extends ModuleTree implements CausalModel {
  readonly #rope: Rope;

  /** @param outline of the same config @param modules one for each of its, by path; owned by the model. */
  constructor(
    readonly config: LlamaConfig,
    outline: ModelOutline,
    modules: Map<string, OwnedModule>,
  ) {
    super(outline, modules);
    this.#rope = new Rope({ headDim: config.headDim, theta: config.ropeTheta, scaling: config.ropeScaling });
  }

  forward(ids: Tensor2D, context?: ForwardContext, cache?: KvCache | readonly KvCache[]): Tensor3D {
    const caches = cachesOf(cache);
    const seq = ids.shape[1];
    for (const { past } of caches) checkLength(past + seq, this.config.maxPositions);
    return tidy(() => {
      const parts = caches.map(({ past, ...own }) => ({ ...this.#rope.at(past, seq), ...own }));
      const pass: Pass = { context, parts };
      let hidden = this.#run('model.embed_tokens', ids, pass);
      for (let layer = 0; layer < this.config.layers; layer++) {
        // A tidy for each block: what no gradient reads goes at once, not at the end of the step.
        hidden = tidy(() => this.#block(layer, hidden, pass));
      }
      return this.#run('lm_head', this.#run('model.norm', hidden, pass), pass) as Tensor3D;
    });
  }

  /** @param hidden `[batch, seq, hidden]` @returns the same shape */
  #block(layer: number, hidden: Tensor, pass: Pass): Tensor {
    const path = `model.layers.${layer}`;
    const attended = residual(hidden, this.#attend(layer, this.#run(`${path}.input_layernorm`, hidden, pass), pass));
    return residual(attended, this.#mlp(path, this.#run(`${path}.post_attention_layernorm`, attended, pass), pass));
  }

  #attend(layer: number, x: Tensor, pass: Pass): Tensor {
    const { heads, kvHeads, windows } = this.config;
    const window = windows[layer];
    const path = `model.layers.${layer}.self_attn`;
    const q = splitHeads(this.#run(`${path}.q_proj`, x, pass), heads);
    const k = splitHeads(this.#run(`${path}.k_proj`, x, pass), kvHeads);
    const v = splitHeads(this.#run(`${path}.v_proj`, x, pass), kvHeads);
    const mixed = eachPart(pass.parts, [q, k, v], ({ cos, sin, cache }, query, key, value) => {
      const turned = rotary(key, cos, sin) as Tensor4D;
      const { keys, values } = cache?.append(layer, turned, value, window) ?? { keys: turned, values: value };
      return attention(rotary(query, cos, sin), keys, values, { causal: true, window }) as Tensor4D;
    });
    return this.#run(`${path}.o_proj`, joinHeads(mixed), pass);
  }

  #mlp(layer: string, x: Tensor, pass: Pass): Tensor {
    const gate = this.#run(`${layer}.mlp.gate_proj`, x, pass);
    const up = this.#run(`${layer}.mlp.up_proj`, x, pass);
    return this.#run(`${layer}.mlp.down_proj`, swiglu(gate, up), pass);
  }

  #run(path: string, input: Tensor, { context }: Pass): Tensor {
    return this.get(path).forward(input, context);
  }
}
