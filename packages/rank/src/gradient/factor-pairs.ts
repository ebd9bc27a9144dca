import { LowrankError, type Parameter, type ParameterRole } from '@lowrank/core';

/** The two factors of one module. */
export interface FactorPair {
  path: string;
  /** `[in, rank]`, of a convolution `[...kernel, in, rank]`. */
  a: Parameter;
  /** `[rank, out]`, of a convolution `[...ones, rank, out]`. */
  b: Parameter;
  /** Of a convolution, times its kernel. */
  in: number;
  out: number;
  rank: number;
  scaling: number;
}

/**
 * The factors among an adapter's parameters, by module; modules that are saved whole are passed over.
 * Throws `config-unsupported` for an adapter whose gradient is not its base's, `config-invalid` for one without factors
 * and for a rank that no orthonormal basis has.
 */
export function factorPairs(parameters: Parameter[]): FactorPair[] {
  const refused = parameters.find(({ role, initial }) => initial !== undefined || unlike.includes(role));
  if (refused) throw notPlain(refused);
  const firsts = parameters.filter(({ role }) => role === 'lora_A');
  if (firsts.length === 0) throw withoutFactors();
  return firsts.map((a) => {
    const b = parameters.find(({ role, path }) => role === 'lora_B' && path === a.path) as Parameter;
    const [rank, out] = b.variable.shape.slice(-2) as [number, number];
    const pair = { path: a.path, a, b, in: a.variable.size / rank, out, rank, scaling: a.scaling ?? 1 };
    if (rank > Math.min(pair.in, out)) throw tooWide(pair);
    return pair;
  });
}

const unlike: ParameterRole[] = ['lora_magnitude_vector', 'lora_embedding_A', 'lora_embedding_B'];

function notPlain({ name }: Parameter): LowrankError {
  return new LowrankError('config-unsupported', {
    given: `"${name}"`,
    rule: 'a gradient shows through plain factors of linears and convolutions',
    fix: 'add an adapter for it without DoRA, embeddings or a computed init',
  });
}

function withoutFactors(): LowrankError {
  return new LowrankError('config-invalid', {
    given: 'parameters without factors',
    rule: 'a gradient shows through the factors of an adapter',
    fix: 'give those of an adapter: manager.parameters(name)',
  });
}

function tooWide({ path, in: from, out, rank }: FactorPair): LowrankError {
  return new LowrankError('config-invalid', {
    given: `rank ${rank} for "${path}"`,
    rule: `a [${from}, ${out}] gradient has ${Math.min(from, out)} singular values`,
    fix: 'give it no higher rank',
  });
}
