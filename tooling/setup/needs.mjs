import { spawnSync } from 'node:child_process';

// What tests need beyond npm packages: a browser, a library, a server. One row each, here and nowhere else:
//
//   { name: 'a browser', usedBy: 'apps/web', setUp: async () => ({ BROWSER_PATH: '…' }) }
//
// `setUp` finds it or fetches it and gives the environment that tests read; it throws an Error that says why it could not.
const needs = [
  {
    name: 'prlimit (Debian: util-linux)',
    usedBy: "packages/formats' test of a disk that is full",
    setUp: async () => {
      const { error } = spawnSync('prlimit', ['--version']);
      if (error) throw error;
    },
  },
];

/** @returns `env` for the tests, and `gaps`: a line for each need that could not be met. */
export async function meetNeeds() {
  const env = {};
  const gaps = [];
  for (const need of needs) {
    try {
      Object.assign(env, await need.setUp());
    } catch (error) {
      gaps.push(`${need.name}, used by ${need.usedBy}: ${error.message}`);
    }
  }
  return { env, gaps };
}
