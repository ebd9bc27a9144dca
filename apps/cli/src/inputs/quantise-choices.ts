import type { Quantise } from '@lowrank/models';

/** What `--quantise` may say. */
export const quantiseChoices = ['int8', 'nf4', 'q4', 'bf16', 'f16', 'stored'] as const satisfies Quantise[];
