import type { Feature } from './features.js';

export type ConsumerName = 'peft' | 'vllm' | 'llama.cpp' | 'mlx';

/** What becomes of a feature on the way to a consumer. */
export type Verdict =
  /** It goes along as it is. */
  | 'taken'
  /** It goes along in another form that acts the same. */
  | 'rewritten'
  /** The consumer lacks it; what else the adapter holds is still an adapter, once this is left out. */
  | 'strippable'
  /** The consumer lacks it, and without it the rest is another adapter. */
  | 'refused';

export interface Rule {
  verdict: Verdict;
  /** Why, or into what; for people. */
  why: string;
}

/** A program that runs adapters, and what it takes of one. */
export interface Consumer {
  /** The program and the version whose source says so. */
  program: string;
  /** Where it says so. */
  source: string;
  /** The ranks that it makes room for, smallest first: its largest is the limit. */
  rooms?: readonly number[];
  /** What is not here is taken. */
  rules: Partial<Record<Feature, Rule>>;
}

const taken = (why: string): Rule => ({ verdict: 'taken', why });
const rewritten = (why: string): Rule => ({ verdict: 'rewritten', why });
const strippable = (why: string): Rule => ({ verdict: 'strippable', why });
const refused = (why: string): Rule => ({ verdict: 'refused', why });

const base = 'the adapter is right only on a base that its start has changed; convert it to plain LoRA with PEFT';
const merge = 'merge it into its base instead';

/** What each consumer takes, read in its source; one row a feature. */
export const consumers: Record<ConsumerName, Consumer> = {
  peft: {
    program: 'PEFT 0.21',
    source: 'peft/tuners/lora/config.py, peft/utils/save_and_load.py',
    rules: {},
  },

  vllm: {
    program: 'vLLM 0.33',
    source: 'vllm/lora/peft_helper.py, vllm/lora/utils.py, vllm/config/lora.py',
    rooms: [1, 8, 16, 32, 64, 128, 256, 320, 512],
    rules: {
      patterns: rewritten(
        'versions before 0.33 read one rank and one alpha: ranks are filled up, scales go into lora_B',
      ),
      'base-copies': rewritten("left out: vLLM has the base's own"),
      dora: refused(`vLLM does no DoRA; ${merge}`),
      'changed-base': refused(base),
      variants: refused(`vLLM does plain LoRA only; ${merge}`),
      parameters: refused(`vLLM adapts modules; ${merge}`),
      'lora-bias': strippable('vLLM takes no bias on lora_B'),
      biases: strippable('vLLM takes no trained biases'),
      convolutions: strippable('vLLM adapts linears, the embedding and the head'),
      'saved-modules': strippable('of whole modules vLLM takes only "classifier" and "score"'),
      'token-rows': strippable('vLLM takes no trained token rows'),
      'base-tensors': strippable("vLLM keeps the base's own tensors"),
      gpt2: refused(`vLLM serves GPT-2 without adapters; ${merge}`),
    },
  },

  'llama.cpp': {
    program: 'llama.cpp (node-llama-cpp 3.22)',
    source: 'convert_lora_to_gguf.py, src/llama-adapter.cpp, src/llama-graph.cpp',
    rules: {
      rslora: rewritten('llama.cpp divides alpha by the rank: alpha is written for that'),
      patterns: rewritten('llama.cpp has one alpha: scales of single modules go into lora_b'),
      'base-copies': rewritten("left out: llama.cpp has the base's own"),
      dora: refused(`llama.cpp does no DoRA; ${merge}`),
      'changed-base': refused(base),
      variants: refused(`llama.cpp does plain LoRA only; ${merge}`),
      parameters: refused(`llama.cpp adapts modules; ${merge}`),
      'tied-heads': strippable('its base has no head of its own, the embedding is one'),
      'tied-embeddings': strippable('llama.cpp aborts on one where the embedding is the head too'),
      'lora-bias': strippable('llama.cpp takes no bias on lora_b'),
      biases: strippable('llama.cpp takes no trained biases'),
      convolutions: strippable('llama.cpp adapts linears, the embedding and the head'),
      classifiers: strippable('llama.cpp takes no whole modules'),
      'saved-modules': strippable('llama.cpp takes no whole modules'),
      'token-rows': strippable('llama.cpp takes no trained token rows'),
      'base-tensors': strippable("llama.cpp keeps the base's own tensors"),
    },
  },

  mlx: {
    program: 'MLX-LM 0.32',
    source: 'mlx_lm/tuner/utils.py, lora.py, dora.py',
    rules: {
      rslora: rewritten('MLX-LM has a scale, alpha / sqrt(rank) here'),
      patterns: rewritten('MLX-LM has one rank and one scale: ranks are filled up, scales go into lora_b'),
      'base-copies': rewritten("left out: MLX-LM has the base's own"),
      dora: taken('of linears, all or none'),
      'dora-embeddings': refused(
        "MLX-LM's DoRA of an embedding has a magnitude for each token, PEFT's for each feature",
      ),
      'changed-base': refused(base),
      variants: refused(`MLX-LM does plain LoRA and DoRA only; ${merge}`),
      parameters: refused(`MLX-LM adapts modules; ${merge}`),
      'tied-heads': strippable('its base has no head of its own, the embedding is one'),
      'tied-embeddings': strippable('MLX-LM would adapt the head too, where the embedding is one'),
      'lora-bias': strippable('MLX-LM takes no bias on lora_b'),
      biases: strippable('MLX-LM takes no trained biases'),
      convolutions: strippable('MLX-LM adapts linears and embeddings'),
      classifiers: strippable('MLX-LM takes no whole modules'),
      'saved-modules': strippable('MLX-LM takes no whole modules'),
      'token-rows': strippable('MLX-LM takes no trained token rows'),
      'base-tensors': strippable("MLX-LM keeps the base's own tensors"),
      bert: refused('MLX-LM has no BERT'),
    },
  },
};
