import { hasTiedHead, type Base } from './base.js';
import type { Options } from './recipe.js';

/** An option that lowrank does not apply, and the word that its refusal must hold. */
export interface Lacking {
  option: keyof Options;
  value: Options[keyof Options];
  /** The bases that it is not applied to. */
  on: (base: Base) => boolean;
  named: string;
}

/** Taken out of here, an option joins the grid. */
export const lacking: Lacking[] = [
  { option: 'save', value: 'head', on: hasTiedHead, named: '"lm_head" in modulesToSave' },
];

/** The entry that says why an adapter on a base is refused, where one does. */
export function lackingIn({ base, ...options }: Partial<Options> & { base?: Base | undefined }): Lacking | undefined {
  return lacking.find(({ option, value, on }) => base && on(base) && options[option] === value);
}
