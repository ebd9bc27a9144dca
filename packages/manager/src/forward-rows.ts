import { LowrankError, residual, type ForwardContext, type FrozenModule } from '@lowrank/core';
import { tidy, tile, type Tensor } from '@tensorflow/tfjs-core';
import { batchedUpdate, factorsOfRows } from './batched-update.js';
import { joinRows, takeRows } from './row-pieces.js';
import type { RowPart } from './rows.js';

export interface RowPass {
  context: ForwardContext;
  /** With every row of the batch once. */
  parts: RowPart[];
}

/**
 * A batch whose rows pass through different adapters. The frozen product is done once for all rows; to that, each
 * adapter adds what it makes of its own rows, whatever its rank. A module that takes the base's place (one trained
 * whole) computes its rows itself. Differentiable.
 *
 * @param input `[rows, ...]`, or `[1, ...]` where it is the same for all rows, as positions are
 * @returns `[rows, ...]`, owned by the caller
 * @throws `shape-mismatch` for a batch of another size
 */
export function forwardRows(base: FrozenModule, input: Tensor, { context, parts }: RowPass): Tensor {
  const count = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  checkRows(input, count);
  const [first, ...more] = parts;
  if (more.length === 0) return (first?.module ?? base).forward(input, context);
  return tidy(() => {
    const x = forAllRows(input, count);
    const frozen = base.forward(x, context);
    const factors = factorsOfRows(parts, context);
    if (factors) return residual(frozen, batchedUpdate(x, factors));
    return joinRows(
      parts.map(({ rows, module }) => {
        const own = takeRows(frozen, rows);
        if (!module) return { rows, value: own };
        const ownInput = takeRows(x, rows);
        const value = module.update
          ? residual(own, module.update(ownInput, own, context))
          : module.forward(ownInput, context);
        return { rows, value };
      }),
    );
  });
}

function checkRows({ shape }: Tensor, count: number): void {
  if (shape[0] === count || shape[0] === 1) return;
  throw new LowrankError('shape-mismatch', {
    given: `a batch of shape [${shape.join(', ')}]`,
    rule: `its rows must be the ${count} that forRows was given names for`,
    fix: 'name an adapter, or undefined, for each row',
  });
}

function forAllRows(input: Tensor, count: number): Tensor {
  const [batch, ...rest] = input.shape;
  return batch === count ? input : tile(input, [count, ...rest.map(() => 1)]);
}
