import { LowrankError } from '@lowrank/core';

const reasons: Record<string, string> = {
  EACCES: 'permission is denied',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file grows larger than the system allows',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EPERM: 'permission is denied',
  EROFS: 'the file system is read-only',
  QuotaExceededError: 'the browser allows this page no more space',
};

/** Says why a cache cannot take what is fetched. */
export function cannotWrite(given: string, cause: unknown): LowrankError {
  if (LowrankError.is(cause)) return cause;
  const { code, name, message } = cause as { code?: unknown; name?: string; message?: string };
  const key = typeof code === 'string' ? code : (name ?? '');
  const reason = reasons[key];
  return new LowrankError('file-unwritable', {
    given,
    rule: reason === undefined ? String(message ?? cause) : `${reason} (${key})`,
    fix: 'free some space, or give another cache folder: what was fetched so far is kept',
    cause,
  });
}
