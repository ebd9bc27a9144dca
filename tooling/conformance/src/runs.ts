import { chromiumPath, runInBrowser } from '@lowrank/browser';
import { runConformance, type Report } from '@lowrank/conformance';
import { LowrankError } from '@lowrank/core';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { backends } from './backends.js';

export interface Run {
  /** Its column in the table. */
  title: string;
  /** Throws `backend-unavailable` where the machine lacks what it needs. */
  report: () => Promise<Report>;
}

/** Every backend of ours, in each place where it runs. */
export const runs: Run[] = [
  { title: 'cpu', report: () => runConformance(backends.cpu, { large: false }) },
  { title: 'wasm', report: () => runConformance(backends.wasm) },
  { title: 'node', report: () => runConformance(backends.node) },
  { title: 'webgpu', report: () => runConformance(backends.webgpu) },
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
