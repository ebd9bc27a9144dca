import { LowrankError, type Checkpoint } from '@lowrank/core';
import { bytesSource, encodeCheckpoint, readCheckpoint } from '@lowrank/formats';
import type { RunSettings } from '../messages.js';

const [settingsFile, checkpointFile] = ['run.json', 'checkpoint.safetensors'];

export interface SavedRun {
  settings?: RunSettings;
  checkpoint?: Checkpoint;
  /** What could not be read, and is kept beside under another name. */
  notice?: string;
}

/** The run of a model, kept in the page's own file system (OPFS): it outlives the tab. */
export class RunStore {
  /** @param model its name; each model has a run of its own */
  constructor(private readonly model: string) {}

  /** Begins a run, in the place of the one before. */
  async begin(settings: RunSettings): Promise<void> {
    const folder = await this.#folder();
    await folder.removeEntry(checkpointFile).catch(unlessMissing);
    await write(folder, settingsFile, new TextEncoder().encode(JSON.stringify(settings)));
  }

  async keep(checkpoint: Checkpoint): Promise<void> {
    await write(await this.#folder(), checkpointFile, encodeCheckpoint(checkpoint));
  }

  /** What an earlier visit left. A file that is damaged is set aside, not lost, and what is left of the run is given. */
  async read(): Promise<SavedRun> {
    const folder = await this.#folder();
    const bytes = await read(folder, settingsFile);
    if (!bytes) return {};
    try {
      const settings = settingsIn(bytes);
      const kept = await read(folder, checkpointFile);
      if (!kept) return { settings };
      return { settings, ...(await checkpointIn(folder, kept)) };
    } catch (error) {
      return { notice: await setAside(folder, settingsFile, bytes, error) };
    }
  }

  /**
   * Runs `work` while no other tab trains on this model: two would write over each other's checkpoints.
   * Throws `adapter-busy`.
   */
  async alone<Result>(work: () => Promise<Result>): Promise<Result> {
    return navigator.locks.request(`lowrank-run ${this.model}`, { ifAvailable: true }, async (lock) => {
      if (lock) return work();
      throw new LowrankError('adapter-busy', {
        given: `a run on ${this.model}`,
        rule: 'another tab of this browser trains on it',
        fix: 'pause that one, or wait until it is done',
      });
    });
  }

  async #folder(): Promise<FileSystemDirectoryHandle> {
    const runs = await (await navigator.storage.getDirectory()).getDirectoryHandle('lowrank-runs', { create: true });
    return runs.getDirectoryHandle(encodeURIComponent(this.model), { create: true });
  }
}

function settingsIn(bytes: Uint8Array): RunSettings {
  const settings = JSON.parse(new TextDecoder().decode(bytes)) as Partial<RunSettings> | null;
  if (typeof settings?.text === 'string' && Array.isArray(settings.targets) && Number.isInteger(settings.steps)) {
    return settings as RunSettings;
  }
  throw new Error('it holds no settings of a run');
}

async function checkpointIn(folder: FileSystemDirectoryHandle, bytes: Uint8Array): Promise<SavedRun> {
  try {
    return { checkpoint: await readCheckpoint(bytesSource(checkpointFile, bytes)) };
  } catch (error) {
    return { notice: await setAside(folder, checkpointFile, bytes, error) };
  }
}

/** Keeps a damaged file under another name, out of the next run's way. Gives what to tell of it. */
async function setAside(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array,
  error: unknown,
): Promise<string> {
  await write(folder, `damaged-${name}`, bytes);
  await folder.removeEntry(name);
  return `${name} of your earlier run cannot be read (${(error as Error).message}). It is kept as damaged-${name}.`;
}

/** What is written takes the file's place when it is closed, so that a closed tab leaves the old or the new one. */
async function write(folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array): Promise<void> {
  const file = await folder.getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  await stream.write(bytes as Uint8Array<ArrayBuffer>);
  await stream.close();
}

/** Undefined where there is no such file. */
async function read(folder: FileSystemDirectoryHandle, name: string): Promise<Uint8Array | undefined> {
  const handle = await folder.getFileHandle(name).catch(unlessMissing);
  return handle && new Uint8Array(await (await handle.getFile()).arrayBuffer());
}

function unlessMissing(error: DOMException): undefined {
  if (error.name !== 'NotFoundError') throw error;
  return undefined;
}
