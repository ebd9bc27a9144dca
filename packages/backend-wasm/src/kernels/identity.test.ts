import { useBackend } from '@lowrank/core';
import { wasm } from '@lowrank/backend-wasm';
import { expect, expectClose, it } from '@lowrank/testing';
import { backend, clone, tensor, variable } from '@tensorflow/tfjs-core';

it('a clone on wasm shares its values, and has them still when the first is gone', async () => {
  await useBackend(wasm());
  const ids = () => (backend() as unknown as { numDataIds(): number }).numDataIds();
  const first = tensor([1, 2, 3]);
  const before = ids();
  const [second, changed] = [clone(first), variable(first)];
  expect(ids()).toBe(before);
  const other = tensor([4, 5, 6]);
  changed.assign(other);
  first.dispose();
  expectClose(second, [1, 2, 3], { atol: 0, because: 'the same values' });
  expectClose(changed, [4, 5, 6], { atol: 0, because: 'the same values' });
  for (const each of [second, changed, other]) each.dispose();
  expect(ids()).toBe(before - 1);
});
