import { defineConfig } from 'vitest/config';

// Tests read sources, so they need no build; TEST_BUILT=1 runs them on what is published, and with them the code in docs and the web demo, which are of what is built.
const built = Boolean(process.env['TEST_BUILT']);
const conditions = [...(built ? [] : ['@lowrank/source']), 'node', 'import', 'default'];

const testsOf = (folders: string) => `${folders}/{src,test}/**/*.test.ts`;

// What these change is the process's own: a native library in it, kernels under tfjs's names, what starts a backend.
const apart = ['packages/backend-*', 'packages/conformance', 'tooling/*'].map(testsOf);

// The page must never stand still for long, which is measured: nothing else is to run beside it.
const alone = [testsOf('apps/web')];

// Loading tfjs and ours anew for each file takes longer than most files' tests: the rest share a process, and tests that
// left a tensor, or anything else, to the next ones would fail there.
const shared = ['packages/*', 'apps/*'].map(testsOf);

const never = ['**/node_modules/**', ...(built ? [] : ['tooling/docs/**', 'apps/web/**'])];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Vitest's own default leaves a core to its main process, which has little to do: of two it would use one.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'shared', isolate: false, include: shared, exclude: [...never, ...apart, ...alone] },
      },
      { extends: true, test: { name: 'apart', include: apart, exclude: never } },
      {
        extends: true,
        test: { name: 'alone', include: alone, exclude: never, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
