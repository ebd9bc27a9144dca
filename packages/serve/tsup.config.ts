import { preset } from '@lowrank/tsup-config';
import { defineConfig } from 'tsup';

export default defineConfig(preset);
