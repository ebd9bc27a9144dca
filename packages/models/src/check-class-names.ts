import { LowrankError } from '@lowrank/core';

/** Throws `config-invalid` unless they are two names or more, each once. */
export function checkClassNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.length >= 2 && twice === undefined && !names.includes('')) return;
  throw new LowrankError('config-invalid', {
    given: `classNames: ${JSON.stringify(names)}`,
    rule: 'they are two names or more, none of them empty or there twice',
    fix: 'name each class once, in the order of their numbers',
  });
}
