import { webgpu } from '@lowrank/backend-webgpu';
import { LowrankError, useBackend } from '@lowrank/core';
import { existsSync } from 'node:fs';

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';

// Chromium's software driver, where the machine has no other; Dawn reads these when it first loads.
if (!process.env['VK_ICD_FILENAMES'] && existsSync(swiftshader)) process.env['VK_ICD_FILENAMES'] = swiftshader;
process.env['XDG_RUNTIME_DIR'] ??= '/tmp';

/** Whether Node has an adapter here. Says why not; with CI=true that is a failure and no reason to skip. */
export async function dawnIsHere(): Promise<boolean> {
  try {
    await useBackend(webgpu());
    return true;
  } catch (error) {
    if (!LowrankError.is(error, 'backend-unavailable') || process.env['CI']) throw error;
    console.warn(`tests on webgpu are skipped: ${error.message}`);
    return false;
  }
}
