import { defineConfig } from 'vitest/config';

// Tests read sources, so they need no build; TEST_BUILT=1 runs them on what is published.
const conditions = process.env['TEST_BUILT'] ? [] : ['@lowrank/source'];

export default defineConfig({
  resolve: { conditions: [...conditions, 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: [...conditions, 'node', 'import', 'default'] } },
  test: {
    include: [
      'packages/*/{src,test}/**/*.test.ts',
      'apps/*/{src,test}/**/*.test.ts',
      'tooling/*/{src,test}/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
