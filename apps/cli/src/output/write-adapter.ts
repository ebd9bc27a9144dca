import { writeFolder } from '@lowrank/formats';
import { encodeClassNames } from '@lowrank/models';

/**
 * Writes an adapter's files with the names of its classes as one: a process that is killed leaves the earlier adapter,
 * this one, or a folder without a config. Without names, those of an adapter that was here before go.
 * Throws `file-unwritable`.
 */
export async function writeAdapter(
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  classNames: readonly string[] | undefined,
): Promise<void> {
  const classes = classNames ? encodeClassNames(classNames) : [];
  await writeFolder(folder, new Map([...classes, ...files]), { replaces: (name) => name === 'classes.json' });
}
