// Bundlers that put the packages into one page: what a project installs and runs, and the settings that it needs.

/** `settings` are files of the project, `command` is run there and leaves `dist/page.js`. */
export const bundlers = [
  {
    name: 'esbuild',
    packages: { esbuild: '^0.27.7' },
    settings: {},
    command: [
      ...['npx', 'esbuild', 'page.mjs', '--bundle', '--format=esm', '--minify', '--outfile=dist/page.js'],
      ...['--external:node:*', '--log-level=warning'],
    ],
  },
  {
    name: 'vite',
    packages: { vite: '^8.3.8' },
    settings: {
      'vite.config.mjs': `export default {
  build: { target: 'es2022', lib: { entry: 'page.mjs', formats: ['es'], fileName: 'page' } },
};
`,
    },
    command: ['npx', 'vite', 'build', '--logLevel', 'warn'],
  },
  {
    name: 'webpack',
    packages: { webpack: '^5.104.0', 'webpack-cli': '^6.0.1' },
    settings: {
      'webpack.config.mjs': `export default {
  mode: 'production',
  entry: './page.mjs',
  output: { filename: 'page.js' },
};
`,
    },
    command: ['npx', 'webpack', '--stats', 'errors-only'],
  },
];
