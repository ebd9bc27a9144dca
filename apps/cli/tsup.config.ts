import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

// Split, so that `--help` loads no more than the command table. `probe` is what `doctor` starts for each backend.
export default defineConfig({ ...preset, entry: ['src/main.ts', 'src/probe.ts'], platform: 'node', splitting: true });
