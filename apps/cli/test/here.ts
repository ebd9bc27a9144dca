import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lowrank, softwareGpu } from './lowrank.js';

/** Whether tests that need tfjs-node or WebGPU can run. With `CI=true` they run, and fail, also where it is absent. */
export async function backendsHere(): Promise<{ node: boolean; webgpu: boolean }> {
  if (process.env['CI'] === 'true') return { node: true, webgpu: true };
  // What a user's own doctor has measured stays.
  const folder = mkdtempSync(join(tmpdir(), 'lowrank-'));
  const { events } = await lowrank(['doctor', '--json'], { env: { ...softwareGpu, XDG_CACHE_HOME: folder } });
  rmSync(folder, { recursive: true });
  const works = (name: string) => events[0]!['backends'].find((one: { name: string }) => one.name === name).works;
  const here = { node: works('node'), webgpu: existsSync(softwareGpu.VK_ICD_FILENAMES) && works('webgpu') };
  for (const [name, is] of Object.entries(here)) if (!is) console.warn(`tests on ${name} are skipped: it is not here`);
  return here;
}
