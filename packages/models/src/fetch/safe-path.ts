/**
 * Whether a path that came from elsewhere stays below the folder it is joined to, on any system: parts between single
 * slashes, none of them `.` or `..`; no backslash, drive letter or control character; 1024 characters at most.
 */
export function isSafePath(path: string): boolean {
  return path.length <= 1024 && !/[\\\p{Cc}]|^[a-z]:/iu.test(path) && path.split('/').every(isPart);
}

function isPart(part: string): boolean {
  return part !== '' && part !== '.' && part !== '..' && part.length <= 255;
}
