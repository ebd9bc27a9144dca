// Are the packages what a user gets? Each, from its tarball, in blank projects: installed by npm, pnpm and yarn, used on
// every Node that we promise, and bundled for a browser. `--short` is what `pnpm run verify` has time for.
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { call, checkLearning, makeProject, useInNode, write } from './blank-project.mjs';
import { bundlers } from './bundlers.mjs';
import { hasChromium, runPage } from './in-chromium.mjs';
import { installers } from './installers.mjs';
import { provideNodes } from './nodes.mjs';
import { packAll } from './pack.mjs';
import { serveTarballs } from './registry.mjs';

/** The whole, whose figures are kept for docs/compatibility.md. @returns whether all passed. */
export async function campaign() {
  return check(async (context) => {
    const nodes = await provideNodes(join(context.folder, 'nodes'));
    const found = { installers: [], bundlers: [] };
    for (const installer of installers) found.installers.push(await tryInstaller(installer, nodes, context));
    const project = await projectToBundle(bundlers, context);
    for (const bundler of bundlers) found.bundlers.push(await tryBundler(bundler, project));
    writeFileSync(new URL('installs.json', import.meta.url), `${JSON.stringify(found, null, 2)}\n`);
  });
}

/** npm, this Node, and one bundler. */
async function short() {
  return check(async (context) => {
    const [npm, bundler] = [installers[0], bundlers[0]];
    const folder = join(context.folder, 'npm');
    const seconds = await makeProject(folder, { ...context, installer: npm, packages: bundler.packages });
    console.log(`npm installed ${context.packed.length} packages in ${seconds.toFixed(1)} s`);
    await useInNode(folder, { installer: npm, doctor: false });
    console.log(`they train on Node ${process.version}, and so does the command line`);
    if (hasChromium) await tryBundler(bundler, folder);
  });
}

async function check(steps) {
  const folder = mkdtempSync(join(tmpdir(), 'lowrank-installs-'));
  let registry;
  try {
    const packed = await packAll(folder);
    registry = await serveTarballs(packed);
    await steps({ folder, packed, registry });
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  } finally {
    await registry?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tryInstaller(installer, nodes, context) {
  const folder = join(context.folder, installer.name.replaceAll(/\W+/g, '-'));
  const version = (await call(installer.version, context.folder)).trim();
  const seconds = await makeProject(folder, { ...context, installer });
  // Plug'n'Play finds packages through a program of its own, which takes the Node that is there.
  const tried = installer.node ? [{ version: process.version.slice(1) }] : nodes;
  for (const { node } of tried) await useInNode(folder, { node, installer });
  const found = { name: installer.name, version, seconds: round(seconds), nodes: tried.map((each) => each.version) };
  console.log(`${found.name} ${version}: ${found.seconds} s to install, works on Node ${found.nodes.join(', ')}`);
  return found;
}

async function projectToBundle(all, context) {
  const folder = join(context.folder, 'to-bundle');
  const packages = Object.assign({}, ...all.map((bundler) => bundler.packages));
  await makeProject(folder, { ...context, installer: installers[0], packages, cli: false });
  return folder;
}

async function tryBundler({ name, settings, command, packages }, folder) {
  write(folder, settings);
  await call(command, folder);
  const { losses, tensors, browser } = await runPage(folder);
  checkLearning({ losses, tensors });
  const dist = join(folder, 'dist');
  const scripts = readdirSync(dist).filter((file) => file.endsWith('.js'));
  const gzipped = scripts.reduce((total, file) => total + gzipSync(readFileSync(join(dist, file))).length, 0);
  const [main] = Object.keys(packages);
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', main, 'package.json'), 'utf8'));
  rmSync(dist, { recursive: true });
  const found = { name, version, kilobytes: round(gzipped / 1000), chromium: browser };
  console.log(`${name} ${version}: ${found.kilobytes} kB gzipped, trains in Chromium ${browser}`);
  return found;
}

const round = (value) => Math.round(value * 10) / 10;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const passed = await (process.argv.includes('--short') ? short() : campaign());
  process.exitCode = passed ? 0 : 1;
}
