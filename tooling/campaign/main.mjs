// pnpm campaign <name>: long trials of what must not break; each writes its figures to tooling/campaign/results.
const campaigns = {
  kill: { what: 'kill -9 at random moments of training and saving', load: () => import('./src/campaigns/kill.mjs') },
  steps: { what: 'ten thousand training steps on each backend', load: () => import('./src/campaigns/steps.mjs') },
  fuzz: { what: 'a million damaged inputs for each parser', load: () => import('./src/campaigns/fuzz.mjs') },
  disk: { what: 'full, read-only, slow and vanishing files', load: () => import('./src/campaigns/disk.mjs') },
  hub: { what: 'repositories of a hostile hub', load: () => import('./src/campaigns/hub.mjs') },
  audit: {
    what: 'what users install: advisories, licences, install scripts',
    load: () => import('./src/campaigns/audit.mjs'),
  },
  averaging: {
    what: 'held-out loss of one, two, four and eight workers whose adapters are averaged, beside one',
    load: () => import('../averaging/losses.mjs'),
  },
  install: {
    what: 'packages from their tarballs, by each installer, Node and bundler',
    load: () => import('../release/install-check.mjs'),
  },
  serve: { what: 'ten minutes of load on lowrank serve', load: () => import('../serve-load/main.mjs') },
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(campaigns, name)) {
  for (const [key, { what }] of Object.entries(campaigns)) console.log(`${key.padEnd(10)} ${what}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const { campaign } = await campaigns[name].load();
  if ((await campaign(args)) === false) process.exitCode = 1;
}
