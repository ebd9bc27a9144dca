import { LowrankError } from '../errors/lowrank-error.js';
import type { LoraInit } from '../init/lora-init.js';
import { readOptions, shown, type Options } from './read-options.js';

/** What of a `LoraConfig` makes one adapter, see there. */
export interface AdapterOptions {
  rank: number;
  alpha: number;
  dropout: number;
  useRslora: boolean;
  init: LoraInit;
  loraBias: boolean;
  useDora: boolean;
}

/** Checks what a layer is given and fills in PEFT's defaults. Throws `config-invalid`. */
export function adapterOptions(input: { [Key in keyof AdapterOptions]?: AdapterOptions[Key] | undefined }) {
  return checkBias(readOptions(input, adapterRules));
}

/** For true or false. */
export const flag = { fits: (value: unknown) => typeof value === 'boolean', rule: 'it is true or false', start: false };

const inits = ['kaiming', 'gaussian', 'orthogonal', 'random', 'pissa', 'olora', 'loftq', 'eva'];

// Literals, so that a bundler drops them where no config is read.
export const adapterRules: Options<AdapterOptions> = {
  rank: {
    fits: (value) => Number.isSafeInteger(value) && (value as number) > 0,
    rule: 'a rank is a whole number of 1 or more',
    start: 8,
  },
  alpha: {
    fits: (value) => Number.isFinite(value) && (value as number) > 0,
    rule: 'alpha is a finite number above 0',
    start: 8,
  },
  dropout: {
    fits: (value) => typeof value === 'number' && value >= 0 && value < 1,
    rule: 'dropout is a probability, at least 0 and below 1',
    start: 0,
  },
  useRslora: flag,
  init: {
    fits: (value) => typeof value === 'string' && (inits.includes(value) || /^pissa_niter_\d+$/.test(value)),
    rule: 'init is "kaiming", "gaussian", "orthogonal", "random", "pissa", "pissa_niter_N", "olora", "loftq" or "eva"',
    start: 'kaiming',
  },
  loraBias: flag,
  useDora: flag,
};

/** What PEFT refuses beside a bias on B. */
export function checkBias<Config extends AdapterOptions>(config: Config): Config {
  const { loraBias, useDora, init } = config;
  if (loraBias && useDora) throw apart('useDora');
  if (loraBias && init !== 'kaiming' && init !== 'random') throw apart(`init ${shown(init)}`);
  return config;
}

function apart(other: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: 'loraBias: true',
    rule: `it does not go with ${other}`,
    fix: 'leave one of them out',
  });
}
