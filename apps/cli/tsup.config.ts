import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// Split, so that `--help` loads no more than the command table. What `doctor` starts is a `probe`.
const entry = ['src/main.ts', 'src/probe.ts', 'src/probe-memory.ts', 'src/probe-model.ts'];

export default defineConfig({ ...preset, entry, platform: 'node', splitting: true });
