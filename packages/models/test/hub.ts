import { hubServer, withFolder, type HubContents, type HubServer } from '@lowrank/testing';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { goldenFolder } from './golden.js';

/** The files of a golden folder, as a repository. */
export async function goldenFiles(name: string): Promise<Record<string, Uint8Array>> {
  const folder = goldenFolder(name);
  const names = (await readdir(folder)).filter((file) => /\.(json|safetensors)$/.test(file));
  return Object.fromEntries(await Promise.all(names.map(async (file) => [file, await readFile(join(folder, file))])));
}

export interface Hub extends HubServer {
  /** An empty folder, and the options that fetch into it from this hub. */
  options: { endpoint: string; cacheDir: string };
}

/** Runs `body` with a hub that has these repositories, and an empty cache. */
export function withHub(repos: Record<string, HubContents>, body: (hub: Hub) => Promise<void>): Promise<void> {
  return withFolder(async (cacheDir) => {
    const hub = await hubServer(repos);
    try {
      await body(Object.assign(hub, { options: { endpoint: hub.endpoint, cacheDir } }));
    } finally {
      await hub.close();
    }
  });
}
