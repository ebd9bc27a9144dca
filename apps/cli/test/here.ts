import { existsSync } from 'node:fs';
import { lowrank, softwareGpu } from './lowrank.js';

/** Whether tests that need tfjs-node or WebGPU can run. With `CI=true` they run, and fail, also where it is absent. */
export async function backendsHere(): Promise<{ node: boolean; webgpu: boolean }> {
  if (process.env['CI'] === 'true') return { node: true, webgpu: true };
  const { events } = await lowrank(['doctor', '--json'], { env: softwareGpu });
  const works = (name: string) => events[0]!['backends'].find((one: { name: string }) => one.name === name).works;
  const here = { node: works('node'), webgpu: existsSync(softwareGpu.VK_ICD_FILENAMES) && works('webgpu') };
  for (const [name, is] of Object.entries(here)) if (!is) console.warn(`tests on ${name} are skipped: it is not here`);
  return here;
}
