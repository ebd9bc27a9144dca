// pnpm campaign <name>: long trials of what must not break; each writes its figures to tooling/campaign/results.
const campaigns = {
  kill: ['kill -9 at random moments of training and saving', () => import('./src/campaigns/kill.mjs')],
  steps: ['ten thousand training steps on each backend', () => import('./src/campaigns/steps.mjs')],
  fuzz: ['a million damaged inputs for each parser', () => import('./src/campaigns/fuzz.mjs')],
  disk: ['full, read-only, slow and vanishing files', () => import('./src/campaigns/disk.mjs')],
  hub: ['repositories of a hostile hub', () => import('./src/campaigns/hub.mjs')],
  audit: ['what users install: advisories, licences, install scripts', () => import('./src/campaigns/audit.mjs')],
  serve: ['ten minutes of load on lowrank serve', () => import('../serve-load/main.mjs')],
};

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(campaigns, name)) {
  for (const [key, [what]] of Object.entries(campaigns)) console.log(`${key.padEnd(6)} ${what}`);
  process.exitCode = name === undefined ? 0 : 2;
} else {
  const [, load] = campaigns[name];
  const { campaign } = await load();
  await campaign(args);
}
