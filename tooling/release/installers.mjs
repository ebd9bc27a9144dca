// Those who install packages: how each is told where ours are, and how it installs and runs.
const pnpmVersion = '12.21.0';
const npx = (what, ...args) => ['npx', '--yes', what, ...args];

/**
 * `settings` writes files of the blank project, `install` is run there; `node` runs a script where the packages are
 * found by another way than `node_modules`.
 */
export const installers = [
  {
    name: 'npm',
    version: ['npm', '--version'],
    settings: (origin) => ({ '.npmrc': `@lowrank:registry=${origin}/\n` }),
    install: ['npm', 'install', '--no-audit', '--no-fund'],
  },
  {
    name: 'pnpm',
    version: npx(`pnpm@${pnpmVersion}`, '--version'),
    settings: (origin) => ({ '.npmrc': `@lowrank:registry=${origin}/\n` }),
    install: npx(`pnpm@${pnpmVersion}`, 'install', '--no-frozen-lockfile'),
  },
  {
    name: 'yarn classic',
    version: npx('yarn@1.22.22', '--version'),
    settings: (origin) => ({ '.npmrc': `@lowrank:registry=${origin}/\n` }),
    install: npx('yarn@1.22.22', 'install', '--non-interactive', '--no-lockfile'),
  },
  yarn('yarn, node_modules', 'node-modules'),
  { ...yarn("yarn, Plug'n'Play", 'pnp'), node: npx('@yarnpkg/cli-dist@4.18.1', 'node') },
];

function yarn(name, nodeLinker) {
  const settings = (origin) => ({
    'yarn.lock': '',
    '.yarnrc.yml': [
      `nodeLinker: ${nodeLinker}`,
      'enableImmutableInstalls: false',
      'enableGlobalCache: false', // else a package of the same version from an earlier run is found there
      'enableTelemetry: false',
      'unsafeHttpWhitelist: ["127.0.0.1"]',
      `npmScopes: { lowrank: { npmRegistryServer: "${origin}" } }`,
      '',
    ].join('\n'),
  });
  const berry = '@yarnpkg/cli-dist@4.18.1';
  return { name, version: npx(berry, '--version'), settings, install: npx(berry, 'install') };
}
