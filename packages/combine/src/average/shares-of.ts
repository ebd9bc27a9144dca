import { LowrankError } from '@lowrank/core';

/** Weights as parts of 1, the same for all where none are given. Throws `config-invalid`. */
export function sharesOf(weights: readonly number[] | undefined, count: number): number[] {
  if (count === 0) throw invalid('no adapter', 'there is nothing to average', 'give one or more');
  const own = weights ?? Array.from({ length: count }, () => 1);
  if (own.length !== count) {
    throw invalid(`${own.length} weights for ${count} adapters`, 'each adapter has one', 'give as many');
  }
  const total = own.reduce((sum, weight) => sum + weight, 0);
  if (own.every((weight) => weight >= 0) && total > 0 && Number.isFinite(total)) {
    return own.map((weight) => weight / total);
  }
  throw invalid(
    `weights: [${own.join(', ')}]`,
    'a weight is finite and not negative, and not all are 0',
    'give what each counts, such as the tokens it was trained on',
  );
}

function invalid(given: string, rule: string, fix: string): LowrankError {
  return new LowrankError('config-invalid', { given, rule, fix });
}
