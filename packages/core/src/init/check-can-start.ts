import { LowrankError } from '../errors/lowrank-error.js';
import type { PlannedModule } from '../plan/adapter-plan.js';
import type { InitialFactorsOptions } from './initial-factors.js';
import type { ComputedInit } from './lora-init.js';

interface Grounds extends Pick<InitialFactorsOptions, 'dense' | 'moments'> {
  init: ComputedInit;
  /** Whether the weight lies in blocks. */
  packed: () => boolean;
}

/** Throws `config-unsupported` for a module whose factors cannot start so, `config-invalid` without what that needs. */
export function checkCanStart(
  { path, kind, rank, in: from, out }: PlannedModule,
  { init, packed, dense, moments }: Grounds,
): void {
  const refuse = (code: 'config-unsupported' | 'config-invalid', rule: string, fix: string) => {
    throw new LowrankError(code, { given: `init "${init}" for "${path}"`, rule, fix });
  };
  if (kind !== 'linear') {
    refuse('config-unsupported', `it is computed for linears, and this is of kind "${kind}"`, 'leave the module out');
  }
  const most = init === 'eva' ? from : Math.min(from, out);
  if (rank > most) {
    const what = init === 'eva' ? `inputs of ${from} values have` : `a [${from}, ${out}] weight has`;
    refuse('config-unsupported', `${what} no ${rank} directions`, `take a rank of at most ${most}`);
  }
  if (init === 'loftq') {
    if (!packed())
      refuse(
        'config-unsupported',
        'it makes up for packing, and the weight is dense',
        'load the base with `quantise`, or take another init',
      );
    if (!dense)
      refuse(
        'config-invalid',
        'it needs the weights from before they were packed',
        'give `dense`, which reads them from the checkpoint',
      );
  }
  if (init === 'eva' && !moments?.has(path)) {
    refuse(
      'config-invalid',
      'it needs the moments of what the module is given',
      'give `moments`, from `await activationMoments(host, …)`',
    );
  }
}
