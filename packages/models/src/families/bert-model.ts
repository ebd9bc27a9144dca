import { LowrankError, attention, residual, type ForwardContext, type ModelOutline } from '@lowrank/core';
import {
  add,
  range,
  reshape,
  slice,
  squeeze,
  tanh,
  tidy,
  zerosLike,
  type Tensor,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core';
import type { EncoderInput, EncoderModel } from '../encoder-model.js';
import { ModuleTree, type OwnedModule } from '../module.js';
import { activations } from '../parts/activation.js';
import { checkLength } from '../parts/check-length.js';
import { joinHeads, splitHeads } from '../parts/heads.js';
import type { BertConfig } from './bert-config.js';

/** What one forward pass carries from layer to layer. */
interface Pass {
  mask: Tensor2D | undefined;
  context: ForwardContext | undefined;
}

/**
 * The BERT architecture: post-norm blocks of attention in both directions and a GELU MLP over learned positions. The
 * dropout of its pretraining is left out: it is frozen.
 * @see Devlin et al. 2018, https://arxiv.org/abs/1810.04805, section 3
 */
export class Bert extends ModuleTree implements EncoderModel {
  /** @param outline of the same config @param modules one for each of its, by path; owned by the model. */
  constructor(
    readonly config: BertConfig,
    outline: ModelOutline,
    modules: Map<string, OwnedModule>,
  ) {
    super(outline, modules);
  }

  forward(input: EncoderInput, context?: ForwardContext): Tensor3D {
    checkLength(input.ids.shape[1], this.config.maxPositions);
    return tidy(() => {
      const pass: Pass = { mask: input.mask, context };
      let hidden = this.#embed(input, pass);
      for (let layer = 0; layer < this.config.layers; layer++) {
        // A tidy for each block: what no gradient reads goes at once, not at the end of the step.
        hidden = tidy(() => this.#block(`${this.config.prefix}encoder.layer.${layer}`, hidden, pass));
      }
      return hidden as Tensor3D;
    });
  }

  /** As BertForSequenceClassification: from the first token's state, by way of the pooler. */
  classify(input: EncoderInput, context?: ForwardContext): Tensor2D {
    this.#requireClassifier();
    return tidy(() => {
      const pass: Pass = { mask: input.mask, context };
      const hidden = this.forward(input, context);
      const first = squeeze(slice(hidden, [0, 0, 0], [-1, 1, -1]), [1]);
      const pooled = tanh(this.#run(`${this.config.prefix}pooler.dense`, first, pass));
      return this.#run('classifier', pooled, pass) as Tensor2D;
    });
  }

  /** @returns `[batch, seq, hidden]` */
  #embed({ ids, types = zerosLike(ids) }: EncoderInput, pass: Pass): Tensor {
    const path = `${this.config.prefix}embeddings`;
    const [, seq] = ids.shape;
    const positions = reshape(range(0, seq, 1, 'int32'), [1, seq]);
    const words = this.#run(`${path}.word_embeddings`, ids, pass);
    const sum = add(words, this.#run(`${path}.token_type_embeddings`, types, pass));
    return this.#run(`${path}.LayerNorm`, add(sum, this.#run(`${path}.position_embeddings`, positions, pass)), pass);
  }

  /** @param hidden `[batch, seq, hidden]` @returns the same shape */
  #block(path: string, hidden: Tensor, pass: Pass): Tensor {
    const mixed = this.#run(`${path}.attention.output.dense`, this.#attend(path, hidden, pass), pass);
    const attended = this.#run(`${path}.attention.output.LayerNorm`, residual(hidden, mixed), pass);
    const wide = activations[this.config.activation](this.#run(`${path}.intermediate.dense`, attended, pass));
    return this.#run(
      `${path}.output.LayerNorm`,
      residual(attended, this.#run(`${path}.output.dense`, wide, pass)),
      pass,
    );
  }

  #attend(path: string, x: Tensor, pass: Pass): Tensor {
    const [q, k, v] = ['query', 'key', 'value'].map((name) =>
      splitHeads(this.#run(`${path}.attention.self.${name}`, x, pass), this.config.heads),
    ) as [Tensor, Tensor, Tensor];
    return joinHeads(attention(q, k, v, { causal: false, mask: pass.mask }));
  }

  #run(path: string, input: Tensor, { context }: Pass): Tensor {
    return this.get(path).forward(input, context);
  }

  #requireClassifier(): void {
    if (this.config.classNames) return;
    throw new LowrankError('model-unsupported', {
      given: 'classify on a BertModel',
      rule: 'only a BertForSequenceClassification has a classification head',
      fix: 'load it with loadClassifier, or pool the states of forward with meanPool',
    });
  }
}
