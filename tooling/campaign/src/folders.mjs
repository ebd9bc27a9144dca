import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Runs `body` with an empty folder, gone afterwards. */
export async function withScratch(body) {
  const folder = await mkdtemp(join(tmpdir(), 'lowrank-campaign-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An empty folder in another. */
export async function emptyFolder(...parts) {
  const folder = join(...parts);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}
