import { LowrankError, nearest } from '@lowrank/core/plan';

/** How llama.cpp calls the modules of an architecture that Hugging Face's models have under other names. */
export interface Architecture {
  /** Hugging Face's list of blocks. */
  blocks: string;
  /** Linears, which adapters sit on: Hugging Face's path inside a block -> llama.cpp's. */
  linears: Record<string, string>;
  /** What else a block holds, in the same way. */
  norms: Record<string, string>;
  /** What lies outside the blocks: Hugging Face's path -> llama.cpp's. */
  outside: Record<string, string>;
  /** Whether llama.cpp's converter reorders the rows of queries and keys. */
  rotary: boolean;
}

const gated: Omit<Architecture, 'rotary'> = {
  blocks: 'model.layers',
  linears: {
    'self_attn.q_proj': 'attn_q',
    'self_attn.k_proj': 'attn_k',
    'self_attn.v_proj': 'attn_v',
    'self_attn.o_proj': 'attn_output',
    'mlp.gate_proj': 'ffn_gate',
    'mlp.up_proj': 'ffn_up',
    'mlp.down_proj': 'ffn_down',
  },
  norms: {
    input_layernorm: 'attn_norm',
    post_attention_layernorm: 'ffn_norm',
    'self_attn.q_norm': 'attn_q_norm',
    'self_attn.k_norm': 'attn_k_norm',
  },
  outside: { 'model.embed_tokens': 'token_embd', 'model.norm': 'output_norm', lm_head: 'output' },
};

/** By `general.architecture`. Mistral is `llama` there. */
const architectures: Record<string, Architecture> = {
  llama: { ...gated, rotary: true },
  qwen2: { ...gated, rotary: false },
  qwen3: { ...gated, rotary: false },
  gpt2: {
    blocks: 'transformer.h',
    linears: {
      'attn.c_attn': 'attn_qkv',
      'attn.c_proj': 'attn_output',
      'mlp.c_fc': 'ffn_up',
      'mlp.c_proj': 'ffn_down',
    },
    norms: { ln_1: 'attn_norm', ln_2: 'ffn_norm' },
    outside: {
      'transformer.wte': 'token_embd',
      'transformer.wpe': 'position_embd',
      'transformer.ln_f': 'output_norm',
      lm_head: 'output',
    },
    rotary: false,
  },
  bert: {
    blocks: 'bert.encoder.layer',
    linears: {
      'attention.self.query': 'attn_q',
      'attention.self.key': 'attn_k',
      'attention.self.value': 'attn_v',
      'attention.output.dense': 'attn_output',
      'intermediate.dense': 'ffn_up',
      'output.dense': 'ffn_down',
    },
    norms: { 'attention.output.LayerNorm': 'attn_output_norm', 'output.LayerNorm': 'layer_output_norm' },
    outside: {
      'bert.embeddings.word_embeddings': 'token_embd',
      'bert.embeddings.position_embeddings': 'position_embd',
      'bert.embeddings.token_type_embeddings': 'token_types',
      'bert.embeddings.LayerNorm': 'token_embd_norm',
      lm_head: 'output',
    },
    rotary: false,
  },
};

/** Throws `config-unsupported` for an architecture that lowrank has no names for. */
export function architectureOf(given: string, name: string): Architecture {
  const names = Object.keys(architectures);
  if (names.includes(name)) return architectures[name] as Architecture;
  throw new LowrankError('config-unsupported', {
    given: `architecture "${name}" of ${given}`,
    rule: `lowrank knows how llama.cpp names the modules of ${names.join(', ')}`,
    fix: `nearest here: ${nearest(name, names).join(', ')}`,
  });
}

/** A name inside the blocks of one kind as the other kind has it, or undefined. */
export function renamed(name: string, from: string, to: string, inside: Record<string, string>): string | undefined {
  const [, block, rest = ''] = name.startsWith(`${from}.`)
    ? (/^(\d+)\.(.+)$/.exec(name.slice(from.length + 1)) ?? [])
    : [];
  return Object.hasOwn(inside, rest) ? `${to}.${block}.${inside[rest]}` : undefined;
}

/**
 * Hugging Face's path of a module as a model with a head has it: without one the first part is left out, so that
 * `encoder.layer.0.output.dense` of a BertModel is `bert.encoder.layer.0.output.dense`.
 */
export function headedPath({ blocks, outside }: Architecture, path: string): string {
  const prefix = blocks.slice(0, blocks.indexOf('.') + 1);
  const headed = prefix + path;
  return headed.startsWith(`${blocks}.`) || Object.hasOwn(outside, headed) ? headed : path;
}

/** Whose heads the rows of a module or tensor are reordered by. Takes llama.cpp's name. */
export function rotaryOf({ rotary }: Architecture, name: string): 'heads' | 'keyValueHeads' | undefined {
  const part = rotary ? name.split('.')[2] : undefined;
  return part === 'attn_q' ? 'heads' : part === 'attn_k' ? 'keyValueHeads' : undefined;
}
