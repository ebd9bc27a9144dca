import { webgpu } from '@lowrank/backend-webgpu';
import { LowrankError, useBackend } from '@lowrank/core';
import { ones, relu, tidy } from '@tensorflow/tfjs-core';
import { deviceOf } from './device-of.js';

interface InChromium {
  /** Codes of the errors at the read of a refused value and of a lost one, and a value from after a new start. */
  refused: string;
  lost: string;
  after: number;
}

/** Run in a browser's page: what goes wrong there. tooling/conformance holds the numbers. */
export default async function inChromium(): Promise<InChromium> {
  await useBackend(webgpu());
  const refused = await codeOfRead(() => deviceOf().createBuffer({ size: 2 ** 45, usage: GPUBufferUsage.STORAGE }));
  const lost = await codeOfRead(() => deviceOf().destroy());
  await useBackend(webgpu());
  const value = tidy(() => relu(ones([2000])));
  return { refused, lost, after: (await value.data())[0] as number };
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
