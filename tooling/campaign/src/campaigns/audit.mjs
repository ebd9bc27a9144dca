// What users install: known advisories, where the registry answers, and licences and install scripts, which are a gate too.
import { installedPackages, optionalPeers, ownPackages } from '../../../gates/installed-packages.mjs';
import { pnpm, run } from '../../../setup/steps.mjs';
import { writeResult } from '../results.mjs';

export async function campaign() {
  const packages = await installedPackages();
  const counts = {};
  for (const { licence } of packages) counts[licence] = (counts[licence] ?? 0) + 1;
  const withScripts = [...packages, ...ownPackages()].filter(({ scripts }) => scripts.length > 0);
  const result = {
    packages: packages.length,
    licences: counts,
    withInstallScripts: withScripts.map(({ name, scripts }) => `${name}: ${scripts.join(', ')}`),
    optionalPeers: optionalPeers(),
    advisories: await advisories(),
  };
  console.log(JSON.stringify(result, undefined, 2));
  await writeResult('audit', result);
  if (withScripts.length > 0 || result.advisories > 0) process.exitCode = 1;
}

/** How many there are in all that users install, or why the registry does not say. */
async function advisories() {
  const { output } = await run(pnpm('audit', '--prod', '--json'));
  try {
    const { vulnerabilities } = JSON.parse(output.slice(output.indexOf('{'))).metadata;
    return Object.values(vulnerabilities).reduce((sum, count) => sum + count, 0);
  } catch {
    return `not known: ${/responded with \d+/.exec(output)?.[0].replace('responded', 'the registry responded') ?? 'the registry did not answer'}`;
  }
}
