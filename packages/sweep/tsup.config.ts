import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// Split: what both entries share is in a file of its own.
export default defineConfig({ ...preset, entry: ['src/index.ts', 'src/bullmq.ts'], platform: 'node', splitting: true });
