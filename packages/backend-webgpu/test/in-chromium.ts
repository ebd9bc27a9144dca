import { webgpu } from '@lowrank/backend-webgpu';
import { LowrankError, useBackend } from '@lowrank/core';
import { ones, relu, tensor1d, tidy } from '@tensorflow/tfjs-core';
import { deviceOf } from './device-of.js';

interface InChromium {
  /** Codes of the errors at the read of a refused value and of a lost one, and a value from after a new start. */
  refused: string;
  lost: string;
  after: number;
  /** What is computed from values of the host that were first used beside what was refused. */
  again: number;
}

/** Run in a browser's page: what goes wrong there. tooling/conformance holds the numbers. */
export default async function inChromium(): Promise<InChromium> {
  await useBackend(webgpu());
  const weights = tensor1d(Array(2000).fill(3));
  const refused = await codeOfRead(() => {
    relu(weights).dispose();
    deviceOf().createBuffer({ size: 2 ** 45, usage: GPUBufferUsage.STORAGE });
  });
  const again = (await tidy(() => relu(weights)).data())[1999] as number;
  const lost = await codeOfRead(() => deviceOf().destroy());
  await useBackend(webgpu());
  const value = tidy(() => relu(ones([2000])));
  return { refused, lost, after: (await value.data())[0] as number, again };
}

async function codeOfRead(between: () => unknown): Promise<string> {
  const value = tidy(() => relu(ones([2000])));
  between();
  try {
    await value.data();
    return 'none';
  } catch (error) {
    return LowrankError.is(error) ? error.code : String(error);
  }
}
