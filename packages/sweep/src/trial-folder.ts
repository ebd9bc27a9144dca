import { LowrankError } from '@lowrank/core/plan';
import { readlink, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Job } from './engine.js';

/**
 * Where a job's trial is kept. A job comes from a queue or a file, so it is not trusted: its folder lies within the
 * sweep's, and no link that is there leads out of it.
 *
 * @param folder the sweep's
 * @throws `config-invalid`
 */
export async function trialFolder(job: Job, folder: string): Promise<string> {
  const given: unknown = job.folder;
  const refused = (rule: string) =>
    new LowrankError('config-invalid', {
      given: `folder ${JSON.stringify(given)} of job ${job.id}`,
      rule: `its folder, ${JSON.stringify(given)}, ${rule}`,
      fix: `name one below ${folder}, as lowrank sweep does`,
    });
  if (typeof given !== 'string' || given === '') throw refused('is the name of a folder');
  const out = join(folder, given);
  if (isAbsolute(given) || !below(folder, out)) throw refused("is given from the sweep's own and lies within it");
  if (!below(await realOf(folder), await realOf(out))) throw refused("is no link out of the sweep's own");
  return out;
}

function below(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path without links; its end, or where a link leads, may not be there yet. */
async function realOf(path: string): Promise<string> {
  return realpath(path).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    const parent = await realOf(dirname(resolve(path)));
    const link = await readlink(path).catch(() => undefined);
    return link === undefined ? join(parent, basename(path)) : realOf(resolve(parent, link));
  });
}
