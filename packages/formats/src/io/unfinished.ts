const pattern = /^\.lowrank-[0-9a-f-]{36}\.tmp$/;

/** A name for what is being written, under which no reader looks. */
export const unfinishedName = (): string => `.lowrank-${globalThis.crypto.randomUUID()}.tmp`;

/**
 * Removes what processes that were killed had begun to write in a folder. Only for a folder that nothing else writes
 * in now. Does nothing where there is no such folder. Node only.
 */
export async function removeUnfinished(folder: string): Promise<void> {
  const { readdir, rm } = await import('node:fs/promises');
  const { join } = await import('node:path');
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => pattern.test(each))) await rm(join(folder, name), { force: true });
}
