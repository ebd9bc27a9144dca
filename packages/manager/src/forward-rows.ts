import { LowrankError, residual, type ForwardContext, type FrozenModule } from '@lowrank/core';
import { concat, gather, tidy, tile, type Tensor } from '@tensorflow/tfjs-core';
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
  const order = parts.flatMap(({ rows }) => rows);
  checkRows(input, order.length);
  const [first, ...more] = parts;
  if (more.length === 0) return (first?.module ?? base).forward(input, context);
  return tidy(() => {
    const x = forAllRows(input, order.length);
    const frozen = base.forward(x, context);
    const outputs = parts.map(({ rows, module }) => {
      const own = gather(frozen, rows);
      if (!module) return own;
      const ownInput = gather(x, rows);
      return module.update ? residual(own, module.update(ownInput, own, context)) : module.forward(ownInput, context);
    });
    return gather(concat(outputs), inverse(order));
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

/** Where each row lies among the rows in this order. */
function inverse(order: number[]): number[] {
  const places = Array.from(order, () => 0);
  order.forEach((row, place) => (places[row] = place));
  return places;
}
