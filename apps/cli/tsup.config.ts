import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

export default defineConfig({
  ...preset,
  // What `doctor` starts is a `probe`.
  entry: ['src/main.ts', 'src/probe.ts', 'src/probe-memory.ts', 'src/probe-model.ts'],
  platform: 'node',
  // Split, so that `--help` loads no more than the command table.
  splitting: true,
});
