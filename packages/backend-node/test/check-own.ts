import { useBackend } from '@lowrank/core';
import { node } from '@lowrank/backend-node';
import { checkOp, expect, type OpCheck } from '@lowrank/testing';
import { dispose, grads, ones, profile, tidy } from '@tensorflow/tfjs-core';

/** Kernels of tfjs that compute nothing. */
const free = new Set(['Reshape', 'Identity', 'Cast', 'ZerosLike', 'unnamed scope']);

/** `checkOp`, and that value and gradients are our own programs' alone, each time the same. */
export async function checkOwn(check: OpCheck): Promise<void> {
  await useBackend(node());
  checkOp(check);
  const { inputs, op } = check;
  const dy = tidy(() => ones(op(...inputs).shape));
  const made = () => grads(op)(inputs, dy);
  const first = made();
  const again = made();
  first.forEach((gradient, index) => expect(again[index]?.dataSync()).toEqual(gradient.dataSync()));
  const { kernels, result } = await profile(made);
  dispose([dy, ...first, ...again, ...(result as typeof first)]);
  const names = new Set(kernels.map(({ name }) => name).filter((name) => !free.has(name)));
  expect([...names].sort()).toEqual([]);
}
