import { LowrankError } from '../errors/lowrank-error.js';
import type { Backend } from './backend.js';

/** Packages that bring a backend, fastest first, and what their factory is called. */
const packages = {
  '@lowrank/backend-webgpu': 'webgpu',
  '@lowrank/backend-node': 'node',
  '@lowrank/backend-wasm': 'wasm',
};

/** The backends whose packages are installed, fastest first. Throws `backend-unavailable` where there is none. */
export async function installedBackends(): Promise<Backend[]> {
  const found: Backend[] = [];
  for (const [name, factory] of Object.entries(packages)) {
    const module = await installed(name);
    const make = module?.[factory];
    if (make) found.push(make());
  }
  if (found.length > 0) return found;
  throw new LowrankError('backend-unavailable', {
    given: "useBackend('auto')",
    rule: `one of ${Object.keys(packages).join(', ')} must be installed where lowrank can find it`,
    fix: "install @lowrank/backend-wasm, or name what to try: useBackend('auto', { among: [wasm()] })",
  });
}

type BackendModule = Record<string, (() => Backend) | undefined>;

/** Asked for beside this package first; in Node then as the program itself would ask for it. */
async function installed(name: string): Promise<BackendModule | undefined> {
  for (const place of [name, fromProgram(name)]) {
    if (place === undefined) continue;
    try {
      return (await import(/* @vite-ignore */ /* webpackIgnore: true */ place)) as BackendModule;
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
  }
  return undefined;
}

function fromProgram(name: string): string | undefined {
  const module = typeof process === 'undefined' ? undefined : process.getBuiltinModule?.('node:module');
  if (!module) return undefined;
  const { pathToFileURL } = process.getBuiltinModule('node:url');
  for (const base of [process.argv[1], `${process.cwd()}/program.js`]) {
    try {
      if (base !== undefined) return pathToFileURL(module.createRequire(pathToFileURL(base)).resolve(name)).href;
    } catch {
      // Not to be found from there.
    }
  }
  return undefined;
}

/** Node has a code for it; a browser fails on a bare name with a TypeError. */
function isAbsence(error: unknown): boolean {
  return error instanceof TypeError || (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
}
