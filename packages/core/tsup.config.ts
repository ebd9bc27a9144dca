import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

export default defineConfig({ ...preset, entry: ['src/index.ts', 'src/plan.ts'] });
