import type { LoraInit } from '@lowrank/core';
import { InvalidArgumentError } from 'commander';

/** What `--init` may say, besides `pissa_niter_<n>`: PEFT's names, kaiming being its `true`. */
export const initChoices = ['kaiming', 'gaussian', 'orthogonal', 'pissa', 'olora', 'loftq', 'eva'] as const;

/** Reads the value of `--init`. Throws commander's own error, which it prints with the option. */
export function init(value: string): LoraInit {
  if ((initChoices as readonly string[]).includes(value) || /^pissa_niter_\d+$/.test(value)) return value as LoraInit;
  throw new InvalidArgumentError(`It is one of ${initChoices.join(', ')}, or pissa_niter_<n>.`);
}
