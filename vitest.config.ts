import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

// Tests read sources, so they need no build; TEST_BUILT=1 runs them on what is published, and with them the code in docs and the web demo, which are of what is built.
const built = Boolean(process.env['TEST_BUILT']);
const conditions = built ? [] : ['@lowrank/source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: [...conditions, 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'tooling/*/{src,test}/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', ...(built ? [] : ['tooling/docs/**', 'apps/web/**'])],
    // One core less is the default, which of two leaves one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
