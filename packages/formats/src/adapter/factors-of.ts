import {
  loraTensorName,
  LowrankError,
  parseLoraTensorName,
  type Adapter,
  type LoraConfig,
  type PlainTensor,
} from '@lowrank/core/plan';
import { checkFactors } from './check-factors.js';
import { checkFinite } from './check-finite.js';

/** A module's two factors, in our layout: `a [in, rank]`, `b [rank, out]`. */
export interface FactorPair {
  a: PlainTensor;
  b: PlainTensor;
}

/**
 * The factors of an adapter that is to be written, by the path of their module and sorted by it.
 * Throws `adapter-mismatch` unless they are whole pairs of the config's ranks, `not-finite`.
 */
export function factorsOf(given: string, { tensors }: Adapter, config: LoraConfig): Map<string, FactorPair> {
  const factors = Array.from(tensors, ([name, { shape }]) => ({ ...parseName(given, name), shape }));
  checkFactors(given, factors, config);
  for (const [name, { data }] of tensors) checkFinite(`"${name}" of ${given}`, data);
  const tensor = (path: string, role: 'lora_A' | 'lora_B') => tensors.get(loraTensorName(path, role)) as PlainTensor;
  const paths = [...new Set(factors.map(({ path }) => path))].sort();
  return new Map(paths.map((path) => [path, { a: tensor(path, 'lora_A'), b: tensor(path, 'lora_B') }]));
}

function parseName(given: string, name: string) {
  const factor = parseLoraTensorName(name);
  if (factor) return factor;
  throw new LowrankError('adapter-mismatch', {
    given: `tensor "${name}" of ${given}`,
    rule: 'this format holds "<path>.lora_A.weight" and "<path>.lora_B.weight" only',
    fix: 'merge the adapter into its base instead, or train one of linear layers without biases or DoRA',
  });
}
