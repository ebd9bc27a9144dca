import { all, isFinite, logicalAnd, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { LowrankError } from '../errors/lowrank-error.js';

/** Throws `not-finite` unless every value of the tensors is finite, and frees them then. */
export async function finiteOrFree(given: string, tensors: Tensor[]): Promise<void> {
  const finite = tidy(() =>
    tensors.map((tensor) => all(isFinite(tensor))).reduce((left, right) => logicalAnd(left, right)),
  );
  const [ok] = await finite.data();
  finite.dispose();
  if (ok) return;
  for (const tensor of tensors) tensor.dispose();
  throw new LowrankError('not-finite', {
    given,
    rule: 'merging needs every value of W + scaling · A B to be finite',
    fix: 'look for a diverged training run (lower the learning rate) or an extreme alpha',
  });
}
