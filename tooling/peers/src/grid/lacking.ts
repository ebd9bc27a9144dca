import type { Options } from './recipe.js';

/** An option that lowrank does not apply yet, and the word that its refusal must hold. */
export interface Lacking {
  option: keyof Options;
  value: Options[keyof Options];
  named: string;
}

/** Taken out of here, an option joins the grid. */
export const lacking: Lacking[] = [
  { option: 'targets', value: 'embedding', named: 'embed' },
  { option: 'dora', value: true, named: 'use_dora' },
  { option: 'bias', value: 'all', named: '"bias"' },
  { option: 'bias', value: 'lora_only', named: '"bias"' },
  { option: 'save', value: 'head', named: 'modules_to_save' },
  { option: 'save', value: 'norm', named: 'modules_to_save' },
  { option: 'loraBias', value: true, named: 'lora_bias' },
  { option: 'tokens', value: true, named: 'trainable_token_indices' },
];
