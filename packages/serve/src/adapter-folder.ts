import { LowrankError, type Adapter } from '@lowrank/core';
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
    const there = await Promise.all(names.map((name) => this.#isWhole(name)));
    return names.filter((_, index) => there[index]).toSorted();
  }

  /** Throws an `ApiError` 404 for a name that is none, or of no PEFT folder. */
  async check(name: string): Promise<void> {
    if (!isAdapterName(name) || !(await this.#isWhole(name))) {
      throw new ApiError(404, 'adapter_not_found', `no adapter "${name.slice(0, 128)}" in the adapters' folder`);
    }
  }

  /** @param name one that `check` let pass. Throws `file-missing` where it no longer would, and what `readPeft` does. */
  async read(name: string): Promise<Adapter> {
    const path = join(this.root, name);
    if (await this.#isWhole(name)) return await readPeft(path);
    throw new LowrankError('file-missing', {
      given: path,
      rule: 'it was offered, and is no longer a folder that has an adapter_config.json and no links',
      fix: 'put it back, or unload the adapter',
    });
  }

  async #isWhole(name: string): Promise<boolean> {
    const folder = join(this.root, name);
    try {
      if (!(await lstat(folder)).isDirectory()) return false;
      const entries = await readdir(folder, { withFileTypes: true });
      const hasConfig = entries.some((entry) => entry.name === 'adapter_config.json' && entry.isFile());
      return hasConfig && entries.every((entry) => !entry.isSymbolicLink());
    } catch {
      return false;
    }
  }
}
