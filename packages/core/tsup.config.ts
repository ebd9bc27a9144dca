import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// Of zod only what is used is built in, its licence beside: as a dependency it is hundreds of files to find and read.
export default defineConfig({ ...preset, entry: ['src/index.ts', 'src/plan.ts'] });
