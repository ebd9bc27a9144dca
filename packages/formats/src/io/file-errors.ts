import { LowrankError } from '@lowrank/core/plan';

/** Says why a file cannot be read: `file-missing` when it is not there, `file-invalid` for anything else. */
export function unreadable(path: string, cause: unknown): LowrankError {
  const code = systemCode(cause);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new LowrankError('file-missing', {
      given: path,
      rule: 'there is no such file',
      fix: 'check the path',
      cause,
    });
  }
  return new LowrankError('file-invalid', {
    given: path,
    rule: `it cannot be read: ${reasonOf(cause)}`,
    fix: 'give a plain file that this user may read',
    cause,
  });
}

/** Says why a file or folder cannot be written: a `file-unwritable` with the path, the system's reason and what to do. */
export function unwritable(path: string, cause: unknown): LowrankError {
  return new LowrankError('file-unwritable', {
    given: path,
    rule: reasonOf(cause),
    fix: fixes[systemCode(cause)] ?? 'give another path',
    cause,
  });
}

const reasons: Record<string, string> = {
  EACCES: 'permission is denied',
  EDQUOT: 'the disk quota is used up',
  EEXIST: 'a file is in the place of the folder',
  EFBIG: 'the file grows larger than the system allows',
  EISDIR: 'it is a folder, not a file',
  ENAMETOOLONG: 'the name is too long',
  ENOENT: 'the folder it lies in is not there',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
};

const fixes: Record<string, string> = {
  EACCES: 'give a folder that this user may write',
  EDQUOT: 'free some space',
  ENOENT: 'make the folder first',
  ENOSPC: 'free some space',
  EROFS: 'give a folder on a disk that can be written',
};

function systemCode(cause: unknown): string {
  const code = (cause as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

function reasonOf(cause: unknown): string {
  const code = systemCode(cause);
  if (!code) return cause instanceof Error ? cause.message : String(cause);
  return `${reasons[code] ?? 'the system refuses'} (${code})`;
}
