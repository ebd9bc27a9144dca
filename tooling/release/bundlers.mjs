// Bundlers that put the packages into one page: what a project installs and runs, and the settings that it needs.
// The hub's client names its browser build where bundlers do not look, and tfjs starts its threads from the text of a
// function, which some minifiers break.
const hub = 'node_modules/@huggingface/hub/dist/browser/index.mjs';

/** `settings` gives files of the project, for a page with threads or without; `command` leaves `dist/page.js`. */
export const bundlers = [
  {
    name: 'esbuild',
    packages: { esbuild: '^0.27.7' },
    asks: "an alias for the hub's client, and `node:*` external",
    settings: () => ({}),
    command: [
      ...['npx', 'esbuild', 'page.mjs', '--bundle', '--format=esm', '--minify', '--outfile=dist/page.js'],
      ...['--external:node:*', `--alias:@huggingface/hub=./${hub}`, '--log-level=warning'],
    ],
  },
  {
    name: 'vite',
    packages: { vite: '^8.3.8' },
    asks: 'nothing; for threads `build.minify: false`',
    settings: ({ threads }) => ({
      'vite.config.mjs': `export default {
  build: { target: 'es2022', minify: ${!threads}, lib: { entry: 'page.mjs', formats: ['es'], fileName: 'page' } },
};
`,
    }),
    command: ['npx', 'vite', 'build', '--logLevel', 'error'],
  },
  {
    name: 'webpack',
    packages: { webpack: '^5.104.0', 'webpack-cli': '^6.0.1' },
    asks: "an alias for the hub's client, `externals: [/^node:/]` and output as a module; for threads `optimization.minimize: false`",
    settings: ({ threads }) => ({
      'webpack.config.mjs': `import { resolve } from 'node:path';

export default {
  mode: 'production',
  entry: './page.mjs',
  experiments: { outputModule: true },
  output: { filename: 'page.js', module: true },
  externals: [/^node:/],
  resolve: { alias: { '@huggingface/hub$': resolve('${hub}') } },
  optimization: { minimize: ${!threads} },
};
`,
    }),
    command: ['npx', 'webpack', '--stats', 'errors-only'],
  },
];
