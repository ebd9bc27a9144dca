import { LowrankError, type Parameter } from '@lowrank/core';

/** The two factors of a module: A `[…, in, rank]` and B `[…, rank, out]`. */
export interface FactorPair {
  path: string;
  rank: number;
  a: Parameter;
  b: Parameter;
  /** Parameters of one component, a column of A with its row of B. */
  cost: number;
}

/**
 * The factors among parameters, module by module, in their order. Throws `config-unsupported` for modules whose
 * components cannot be taken away one by one.
 */
export function factorPairs(parameters: readonly Parameter[]): FactorPair[] {
  const ofA = parameters.filter(({ role }) => role === 'lora_A' || role === 'lora_embedding_A');
  return ofA.map((a) => {
    const own = parameters.filter(({ path }) => path === a.path);
    const b = own.find(({ role }) => role === 'lora_B' || role === 'lora_embedding_B');
    const rank = a.variable.shape.at(-1) as number;
    if (!b || own.some(({ role }) => role === 'lora_magnitude_vector' || role === 'lora_B.bias')) {
      throw unsupported(a.path, 'has trained tensors beside its factors, which no rank of 0 stands for');
    }
    if (a.initial)
      throw unsupported(a.path, 'adds what its factors have changed since their start, so 0 is no absence');
    if (b.variable.shape.at(-2) !== rank) throw unsupported(a.path, 'has groups, among which the rank is divided');
    return { path: a.path, rank, a, b, cost: (a.variable.size + b.variable.size) / rank };
  });
}

function unsupported(path: string, rule: string): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `adaptive ranks for "${path}"`,
    rule: `the module ${rule}`,
    fix: 'train plain LoRA, without DoRA, biases on B, groups, or a start that shifts the base',
  });
}
