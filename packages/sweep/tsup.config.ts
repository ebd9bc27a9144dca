import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// What both entries share is in a file of its own, so that the second brings no copy of it.
export default defineConfig({ ...preset, entry: ['src/index.ts', 'src/bullmq.ts'], platform: 'node', splitting: true });
