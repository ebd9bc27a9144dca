import { LowrankError } from '@lowrank/core';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../output/usage-error.js';

/** Throws a usage error where `--out` is an adapter already, as a folder or a file, and must not be replaced. */
export function refuseExisting(out: string, overwrite = false): void {
  const isFile = existsSync(out) && statSync(out).isFile();
  if (overwrite || (!isFile && !existsSync(join(out, 'adapter_config.json')))) return;
  throw new UsageError(
    new LowrankError('file-unwritable', {
      given: `--out ${out}`,
      rule: isFile ? 'there is such a file already' : 'there is an adapter in it already',
      fix: 'name another place, or add --overwrite',
    }),
  );
}
