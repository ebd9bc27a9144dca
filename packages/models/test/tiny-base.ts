import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** The folder of the embedded model. */
export const tinyBase = join(
  dirname(createRequire(import.meta.url).resolve('@lowrank/tiny-base/package.json')),
  'model',
);
