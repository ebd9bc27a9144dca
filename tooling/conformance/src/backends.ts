import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { webgpu } from '@lowrank/backend-webgpu';
import { LowrankError, type Backend } from '@lowrank/core';
import { cpu } from '@lowrank/testing';
import { existsSync } from 'node:fs';
import type { TestContext } from 'vitest';

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';

// Chromium's software driver, where the machine has no other; Dawn reads these when it first loads.
if (!process.env['VK_ICD_FILENAMES'] && existsSync(swiftshader)) process.env['VK_ICD_FILENAMES'] = swiftshader;
process.env['XDG_RUNTIME_DIR'] ??= '/tmp';

/** Every backend of ours that runs in Node. */
export const backends = { cpu: cpu(), wasm: wasm(), node: node(), webgpu: webgpu() } satisfies Record<string, Backend>;

/** What `work` gives. With CI=true a backend that cannot start is a failure; elsewhere a skip that says why. */
export async function orSkip<Result>(
  title: string,
  context: TestContext,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (process.env['CI'] === 'true' || !LowrankError.is(error, 'backend-unavailable')) throw error;
    console.warn(`${title} is skipped: ${error.message}`);
    return context.skip(error.message);
  }
}
