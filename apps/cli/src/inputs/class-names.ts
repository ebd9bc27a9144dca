import { LowrankError } from '@lowrank/core';
import { readClassNames } from '@lowrank/models';

/** The names of the classes that an adapter tells apart; undefined where no `classes.json` lies beside it. Throws `file-invalid`. */
export async function classNamesBeside(folder: string): Promise<string[] | undefined> {
  try {
    return await readClassNames(folder);
  } catch (error) {
    if (LowrankError.is(error, 'file-missing')) return undefined;
    throw error;
  }
}

/** Those that several adapters share. Throws `adapter-mismatch` naming two that tell other classes apart. */
export async function sharedClassNames(folders: string[]): Promise<string[] | undefined> {
  const all = await Promise.all(folders.map(async (folder) => ({ folder, names: await classNamesBeside(folder) })));
  const named = all.filter(({ names }) => names !== undefined);
  const [first] = named;
  const other = named.find(({ names }) => names?.join('\n') !== first?.names?.join('\n'));
  if (first === undefined || other === undefined) return first?.names;
  throw new LowrankError('adapter-mismatch', {
    given: `${other.folder}, whose classes are ${JSON.stringify(other.names)}`,
    rule: `those of ${first.folder} are ${JSON.stringify(first.names)}: their heads have no class in common by number`,
    fix: 'combine adapters of the same classes, or say whose head to keep with --saved-from',
  });
}
