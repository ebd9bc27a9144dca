import { chmod } from 'node:fs/promises';

const nobody = 65534;

/** Runs `body` as a user who may list `folder` and pass through it, but write nothing in it; root steps down for it. */
export async function withoutRights<Value>(folder: string, body: () => Promise<Value>): Promise<Value> {
  await chmod(folder, 0o555);
  const root = process.geteuid?.() === 0;
  if (root) process.seteuid?.(nobody);
  try {
    return await body();
  } finally {
    if (root) process.seteuid?.(0);
    await chmod(folder, 0o755);
  }
}
