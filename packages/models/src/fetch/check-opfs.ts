import { LowrankError } from '@lowrank/core';

/** What a page has of a file system of its own (OPFS); a part that a browser lacks is undefined. */
export interface OpfsParts {
  navigator?: { storage?: { getDirectory?: unknown; estimate?: unknown }; locks?: { request?: unknown } };
  FileSystemFileHandle?: { prototype: { createWritable?: unknown } };
}

/** Throws `file-unwritable`, naming the first part that is missing, where a page cannot keep a model. */
export function checkOpfs(page: OpfsParts = globalThis as OpfsParts): void {
  const missing = partsOf(page).find(([, part]) => part === undefined)?.[0];
  if (missing === undefined) return;
  throw new LowrankError('file-unwritable', {
    given: `fetchModel in a page without ${missing}`,
    rule: "a model is kept in the page's own file system (OPFS)",
    fix: 'serve the page over https, or from localhost, to a current browser',
  });
}

/** Absent outside of secure contexts, and of older browsers the later ones. */
function partsOf({ navigator, FileSystemFileHandle }: OpfsParts): [name: string, part: unknown][] {
  const { storage, locks } = navigator ?? {};
  return [
    ['navigator.storage', storage],
    ['navigator.storage.getDirectory', storage?.getDirectory],
    ['navigator.storage.estimate', storage?.estimate],
    ['FileSystemFileHandle.createWritable', FileSystemFileHandle?.prototype.createWritable],
    ['navigator.locks', locks?.request],
  ];
}
