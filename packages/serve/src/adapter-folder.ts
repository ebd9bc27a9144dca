import type { Adapter } from '@lowrank/core';
import { readPeft } from '@lowrank/formats';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from './api-error.js';

/** A letter or digit, then up to 127 letters, digits, dots, dashes and underscores: never a path. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Whether a request may call an adapter this. */
const isAdapterName = (name: string): boolean => namePattern.test(name);

/**
 * Reads adapters by name out of one folder, each a PEFT folder in it. Names are no paths, and nothing that is a link is
 * followed, so no request reaches a file elsewhere.
 */
export class AdapterFolder {
  constructor(private readonly root: string) {}

  /** The names of the PEFT folders there now, in order. */
  async names(): Promise<string[]> {
    const entries = await readdir(this.root, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory() && isAdapterName(entry.name)).map(({ name }) => name);
    const there = await Promise.all(names.map((name) => isFile(join(this.root, name, 'adapter_config.json'))));
    return names.filter((_, index) => there[index]).toSorted();
  }

  /** Throws an `ApiError` 404 for a name that is none, or of no PEFT folder. */
  async check(name: string): Promise<void> {
    if (!isAdapterName(name) || !(await this.#isWhole(join(this.root, name)))) {
      throw new ApiError(404, 'adapter_not_found', `no adapter "${name.slice(0, 128)}" in the adapters' folder`);
    }
  }

  /** Throws as `check`, and what `readPeft` does. */
  async read(name: string): Promise<Adapter> {
    await this.check(name);
    return await readPeft(join(this.root, name));
  }

  async #isWhole(folder: string): Promise<boolean> {
    const stat = await lstat(folder).catch(() => undefined);
    if (!stat?.isDirectory()) return false;
    const entries = await readdir(folder, { withFileTypes: true });
    return (
      entries.every((entry) => !entry.isSymbolicLink()) && entries.some(({ name }) => name === 'adapter_config.json')
    );
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isFile() ?? false;
}
