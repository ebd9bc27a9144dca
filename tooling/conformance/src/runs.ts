import { node } from '@lowrank/backend-node';
import { wasm } from '@lowrank/backend-wasm';
import { webgpu } from '@lowrank/backend-webgpu';
import { chromiumPath, runInBrowser } from '@lowrank/browser';
import { runConformance, type Report } from '@lowrank/conformance';
import { LowrankError } from '@lowrank/core';
import { cpu } from '@lowrank/testing';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const swiftshader = '/usr/lib/chromium/vk_swiftshader_icd.json';

// Chromium's software driver, where the machine has no other; Dawn reads these when it first loads.
if (!process.env['VK_ICD_FILENAMES'] && existsSync(swiftshader)) process.env['VK_ICD_FILENAMES'] = swiftshader;
process.env['XDG_RUNTIME_DIR'] ??= '/tmp';

export interface Run {
  /** Its column in the table. */
  title: string;
  /** Throws `backend-unavailable` where the machine lacks what it needs. */
  report: () => Promise<Report>;
}

/** Every backend of ours, in each place where it runs. */
export const runs: Run[] = [
  { title: 'cpu', report: () => runConformance(cpu(), { large: false }) },
  { title: 'wasm', report: () => runConformance(wasm()) },
  { title: 'node', report: () => runConformance(node()) },
  { title: 'webgpu', report: () => runConformance(webgpu()) },
  { title: 'wasm in Chromium', report: () => inChromium('wasm-in-chromium.ts', { '/wasm/': wasmFiles() }) },
  { title: 'webgpu in Chromium', report: () => inChromium('webgpu-in-chromium.ts') },
];

function wasmFiles(): string {
  const { resolve } = createRequire(import.meta.url);
  return dirname(resolve('@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm'));
}

async function inChromium(file: string, folders: Record<string, string> = {}): Promise<Report> {
  if (!chromiumPath()) {
    throw new LowrankError('backend-unavailable', {
      given: 'a run in Chromium',
      rule: 'Chromium must be installed',
      fix: 'install it, or set CHROMIUM_PATH to its program',
    });
  }
  return runInBrowser<Report>({ entry: fileURLToPath(new URL(file, import.meta.url)), folders });
}
