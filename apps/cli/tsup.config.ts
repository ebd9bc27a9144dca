import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// Split, so that `--help` loads no more than the command table.
export default defineConfig({ ...preset, entry: ['src/main.ts'], platform: 'node', splitting: true });
