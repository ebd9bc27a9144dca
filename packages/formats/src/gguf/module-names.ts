import { LowrankError, nearest } from '@lowrank/core';

/** How llama.cpp calls the linears of an architecture that Hugging Face's models have under other names. */
interface Names {
  /** Hugging Face's list of blocks. */
  blocks: string;
  /** Hugging Face's path inside a block -> llama.cpp's. */
  modules: Record<string, string>;
  /** Whether llama.cpp's converter reorders the rows of queries and keys. */
  rotary: boolean;
}

const gated: Record<string, string> = {
  'self_attn.q_proj': 'attn_q',
  'self_attn.k_proj': 'attn_k',
  'self_attn.v_proj': 'attn_v',
  'self_attn.o_proj': 'attn_output',
  'mlp.gate_proj': 'ffn_gate',
  'mlp.up_proj': 'ffn_up',
  'mlp.down_proj': 'ffn_down',
};

/** By `general.architecture`. Mistral is `llama` there. */
const architectures: Record<string, Names> = {
  llama: { blocks: 'model.layers', modules: gated, rotary: true },
  qwen2: { blocks: 'model.layers', modules: gated, rotary: false },
  qwen3: { blocks: 'model.layers', modules: gated, rotary: false },
  gpt2: {
    blocks: 'transformer.h',
    modules: {
      'attn.c_attn': 'attn_qkv',
      'attn.c_proj': 'attn_output',
      'mlp.c_fc': 'ffn_up',
      'mlp.c_proj': 'ffn_down',
    },
    rotary: false,
  },
  bert: {
    blocks: 'bert.encoder.layer',
    modules: {
      'attention.self.query': 'attn_q',
      'attention.self.key': 'attn_k',
      'attention.self.value': 'attn_v',
      'attention.output.dense': 'attn_output',
      'intermediate.dense': 'ffn_up',
      'output.dense': 'ffn_down',
    },
    rotary: false,
  },
};

export interface ModuleNames {
  /** Hugging Face's path -> llama.cpp's name without `.weight`. Throws `config-unsupported` for a path it lacks. */
  toGguf(path: string): string;
  /** The way back. Throws `config-unsupported`. */
  toPath(name: string): string;
  /** Whether this module's rows are reordered, and by whose heads. Takes llama.cpp's name. */
  rotaryOf(name: string): 'heads' | 'keyValueHeads' | undefined;
}

/** Throws `config-unsupported` for an architecture that lowrank has no names for. */
export function moduleNames(given: string, architecture: string): ModuleNames {
  const names = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined;
  if (!names) {
    throw new LowrankError('config-unsupported', {
      given: `architecture "${architecture}" of ${given}`,
      rule: `lowrank knows how llama.cpp names the modules of ${Object.keys(architectures).join(', ')}`,
      fix: `nearest here: ${nearest(architecture, Object.keys(architectures)).join(', ')}`,
    });
  }
  const { blocks, modules, rotary } = names;
  const paths = Object.fromEntries(Object.entries(modules).map(([path, name]) => [name, path]));
  const renamed = (name: string, from: string, to: string, inside: Record<string, string>) => {
    const [, block, rest = ''] = name.startsWith(`${from}.`)
      ? (/^(\d+)\.(.+)$/.exec(name.slice(from.length + 1)) ?? [])
      : [];
    return Object.hasOwn(inside, rest) ? `${to}.${block}.${inside[rest]}` : undefined;
  };
  return {
    toGguf: (path) =>
      (path === 'lm_head' ? 'output' : renamed(path, blocks, 'blk', modules)) ??
      refuse(`module "${path}" of ${given}`, `"${blocks}.<n>." and one of ${Object.keys(modules).join(', ')}`),
    toPath: (name) =>
      (name === 'output' ? 'lm_head' : renamed(name, 'blk', blocks, paths)) ??
      refuse(`module "${name}" in ${given}`, `"blk.<n>." and one of ${Object.keys(paths).join(', ')}`),
    rotaryOf: (name) => {
      const part = rotary ? name.split('.')[2] : undefined;
      return part === 'attn_q' ? 'heads' : part === 'attn_k' ? 'keyValueHeads' : undefined;
    },
  };
}

function refuse(given: string, rule: string): never {
  throw new LowrankError('config-unsupported', {
    given,
    rule: `the linears that llama.cpp adapts are ${rule}`,
    fix: 'leave it out of the targets',
  });
}
