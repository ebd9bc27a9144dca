import type { Parameter } from '@lowrank/core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import { adamw, type AdamWOptions } from './adamw.js';
import type { Optimizer, Update } from './optimizer.js';

export interface LoraPlusOptions extends AdamWOptions {
  /** The learning rate of B, and of what has one axis, as a multiple of that of A. */
  ratio: number;
  /** The learning rate of embeddings' factors, as a multiple of that of A. */
  embeddingRatio: number;
}

/**
 * AdamW with a learning rate for each kind of parameter, as PEFT's `create_loraplus_optimizer`: A's for A and for whole
 * weights, `ratio` times it for B and for whatever has one axis, `embeddingRatio` times it for factors of embeddings.
 * Biases and layer norms do not decay. With both ratios 1 it is AdamW, decay and all.
 *
 * @see Hayou et al. 2024, https://arxiv.org/abs/2402.12354, section 4
 */
export function loraPlus(parameters: Parameter[], { ratio, embeddingRatio, ...options }: LoraPlusOptions): Optimizer {
  if (ratio === 1 && embeddingRatio === 1) return adamw(options);
  const decaying = adamw(options);
  const kept = adamw({ ...options, weightDecay: 0 });
  const kinds = kindsOf(parameters);
  const groups: Record<Kind, { optimizer: Optimizer; times: number }> = {
    a: { optimizer: decaying, times: 1 },
    b: { optimizer: decaying, times: ratio },
    bias: { optimizer: kept, times: ratio },
    embedding: { optimizer: decaying, times: embeddingRatio },
  };
  return {
    init: (values) => decaying.init(values),
    update: (gradients, state, { learningRate, ...context }) => {
      const all: Update = { parameters: {}, state: {} };
      for (const [kind, { optimizer, times }] of Object.entries(groups)) {
        const own: NamedTensorMap = {};
        for (const [name, gradient] of Object.entries(gradients)) {
          if ((kinds.get(name) ?? 'a') === kind) own[name] = gradient;
        }
        if (Object.keys(own).length === 0) continue;
        const { parameters, state: next } = optimizer.update(own, state, {
          ...context,
          learningRate: times * learningRate,
        });
        Object.assign(all.parameters, parameters);
        Object.assign(all.state, next);
      }
      return all;
    },
  };
}

type Kind = 'a' | 'b' | 'bias' | 'embedding';

function kindsOf(parameters: Parameter[]): Map<string, Kind> {
  const biased = new Set(parameters.flatMap(({ path, role }) => (role === 'bias' ? [path] : [])));
  return new Map(parameters.map((parameter) => [parameter.name, kindOf(parameter, biased)]));
}

function kindOf({ path, role, variable }: Parameter, biased: Set<string>): Kind {
  switch (role) {
    case 'lora_embedding_A':
    case 'lora_embedding_B':
      return 'embedding';
    case 'lora_A':
    case 'trainable_tokens_delta':
      return 'a';
    case 'lora_B':
    case 'lora_magnitude_vector':
      return 'b';
    case 'lora_B.bias':
    case 'bias':
      return 'bias';
    case 'weight':
      if (variable.shape.length > 1) return 'a';
      return biased.has(path) ? 'bias' : 'b'; // a norm with a bias is a LayerNorm, which PEFT does not let decay
    default:
      return role satisfies never;
  }
}
