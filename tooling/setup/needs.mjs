import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { provideLibtensorflow } from '../libtensorflow/provide.mjs';

// What tests need beyond npm packages: a browser, a library, a server. One row each, here and nowhere else:
//
//   { name: 'a browser', usedBy: 'apps/web', setUp: async () => ({ BROWSER_PATH: '…' }) }
//
// `setUp` finds it or fetches it and gives the environment that tests read; it throws an Error that says why it could not.
const softwareGpu = '/usr/lib/chromium/vk_swiftshader_icd.json';

const needs = [
  {
    name: 'prlimit (Debian: util-linux)',
    usedBy: "packages/formats' test of a disk that is full",
    setUp: async () => {
      const { error } = spawnSync('prlimit', ['--version']);
      if (error) throw error;
    },
  },
  {
    name: 'script (Debian: bsdutils)',
    usedBy: "apps/cli's tests in a pseudo-terminal",
    setUp: async () => {
      const { error } = spawnSync('script', ['--version']);
      if (error) throw error;
    },
  },
  {
    name: 'Chromium with its software GPU, and a Vulkan loader (Debian: chromium, libvulkan1)',
    usedBy: 'tests of packages/backend-webgpu and tooling/conformance in Node and in a browser',
    setUp: async () => {
      if (!(existsSync(softwareGpu) && hasVulkan()) && process.env.CI === 'true') aptInstall('chromium', 'libvulkan1');
      if (!existsSync(softwareGpu)) throw new Error(`there is no ${softwareGpu}`);
      if (!hasVulkan()) throw new Error('there is no libvulkan.so.1');
      return {
        VK_ICD_FILENAMES: softwareGpu,
        XDG_RUNTIME_DIR: tmpdir(),
        ...setAlready('VK_ICD_FILENAMES', 'XDG_RUNTIME_DIR'),
      };
    },
  },
  {
    name: 'a Redis server (Debian: redis-server)',
    usedBy: "apps/cli's tests of sweeps on many machines",
    setUp: async () => {
      const runs = () => spawnSync('redis-server', ['--version']).error === undefined;
      if (!runs() && process.env.CI === 'true') aptInstall('redis-server');
      if (!runs()) throw new Error('there is no redis-server');
    },
  },
  {
    name: 'libtensorflow',
    usedBy: 'tests of packages/backend-node and tooling/conformance',
    setUp: async () => {
      console.log(provideLibtensorflow());
    },
  },
];

/** Chromium brings a loader of its own, which Node does not look for. */
function hasVulkan() {
  return spawnSync('ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes('libvulkan.so.1') ?? false;
}

function setAlready(...names) {
  return Object.fromEntries(names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]));
}

function aptInstall(...names) {
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    const { status, stderr } = spawnSync('apt-get', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed: ${stderr ?? ''}`);
  }
}

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
