import { useBackend, type Backend, type Capabilities } from '@lowrank/core';
import { automatic, type BackendChoice, type BackendName } from './backend-names.js';

/** How each is made; its package is loaded only where it is asked for. */
export const backends: Record<BackendName, () => Promise<Backend>> = {
  node: async () => (await import('@lowrank/backend-node')).node(),
  wasm: async () => (await import('@lowrank/backend-wasm')).wasm(),
  webgpu: async () => (await import('@lowrank/backend-webgpu')).webgpu(),
};

export interface StartedBackend extends Capabilities {
  name: BackendName;
}

/**
 * Starts what `--backend` names. Where `auto` passes over a faster one, a line on stderr says why.
 *
 * @throws `backend-unavailable` with what to install
 */
export async function startBackend(choice: BackendChoice): Promise<StartedBackend> {
  const names = choice === 'auto' ? automatic : [choice];
  const made = await Promise.all(names.map(async (name) => ({ name, backend: await backends[name]() })));
  const used =
    choice === 'auto'
      ? await useBackend('auto', { among: made.map(({ backend }) => backend), notice })
      : await useBackend(made[0]!.backend);
  const { name } = made.find(({ backend }) => backend === used)!;
  const { threads, version, device } = used.capabilities();
  return { name, threads, ...(version && { version }), ...(device && { device }) };
}

function notice(line: string): void {
  process.stderr.write(`notice: ${line}\n`);
}
