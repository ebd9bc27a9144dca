import { webgpu } from '@lowrank/backend-webgpu';
import { useBackend } from '@lowrank/core';
import { allChecks } from './all-checks.js';
import { outcomeOf, type OpOutcome } from './op-check.js';

/** Run in a browser's page: every check, on its own WebGPU. */
export default async function inChromium(): Promise<{ device: string; outcomes: OpOutcome[] }> {
  const backend = webgpu();
  await useBackend(backend);
  const outcomes = [];
  for (const check of allChecks()) outcomes.push(await outcomeOf(check));
  return { device: backend.capabilities().device as string, outcomes };
}
