import type { Checkpoint } from '@lowrank/core';
import { bytesSource, encodeCheckpoint, readCheckpoint } from '@lowrank/formats';
import type { RunSettings } from '../messages.js';

const [settingsFile, checkpointFile] = ['run.json', 'checkpoint.safetensors'];

/** Begins a run in the page's own file system, in the place of the one before. */
export async function saveSettings(settings: RunSettings): Promise<void> {
  const folder = await runFolder();
  await folder.removeEntry(checkpointFile).catch(() => {});
  await write(settingsFile, new TextEncoder().encode(JSON.stringify(settings)));
}

export async function saveCheckpoint(checkpoint: Checkpoint): Promise<void> {
  await write(checkpointFile, encodeCheckpoint(checkpoint));
}

/** The run of an earlier visit; undefined where there is none that can go on. */
export async function savedRun(): Promise<{ settings: RunSettings; checkpoint?: Checkpoint } | undefined> {
  try {
    const settings = JSON.parse(new TextDecoder().decode(await read(settingsFile))) as RunSettings;
    const bytes = await read(checkpointFile).catch(() => undefined);
    return bytes ? { settings, checkpoint: await readCheckpoint(bytesSource(checkpointFile, bytes)) } : { settings };
  } catch {
    // Nothing there, or a visit that ended before it was whole: a fresh run is all that is lost.
    return undefined;
  }
}

async function runFolder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle('lowrank-run', { create: true });
}

/** What is written takes the file's place when it is closed, so that a closed tab leaves the old or the new one. */
async function write(name: string, bytes: Uint8Array): Promise<void> {
  const file = await (await runFolder()).getFileHandle(name, { create: true });
  const stream = await file.createWritable();
  await stream.write(bytes as Uint8Array<ArrayBuffer>);
  await stream.close();
}

async function read(name: string): Promise<Uint8Array> {
  const file = await (await (await runFolder()).getFileHandle(name)).getFile();
  return new Uint8Array(await file.arrayBuffer());
}
