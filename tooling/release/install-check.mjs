// Are the packages what a user gets? Each, from its tarball, in blank projects: installed by npm, pnpm and yarn, used on
// every Node that we promise, and bundled for a browser. `--short` is what `pnpm run verify` has time for.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pageOfAll } from './all-exports.mjs';
import { call, checkLearning, makeProject, useInNode, write } from './blank-project.mjs';
import { bundlers } from './bundlers.mjs';
import { hasChromium, runPage } from './in-chromium.mjs';
import { installers } from './installers.mjs';
import { provideNodes } from './nodes.mjs';
import { packAll } from './pack.mjs';
import { serveTarballs } from './registry.mjs';

/**
 * The whole, whose figures are kept for docs/compatibility.md.
 *
 * @param names of installers and bundlers to try; all where none is given
 * @returns whether all passed
 */
export async function campaign(names = []) {
  const isMeant = ({ name }) => names.length === 0 || names.includes(name);
  return check(async (context) => {
    const chosen = installers.filter(isMeant);
    const nodes = chosen.length > 0 ? await provideNodes(join(context.folder, 'nodes')) : [];
    for (const installer of chosen) keep('installers', await tryInstaller(installer, nodes, context));
    const toBundle = bundlers.filter(isMeant);
    const project = toBundle.length > 0 ? await projectToBundle(toBundle, context) : '';
    for (const bundler of toBundle) keep('bundlers', await tryBundler(bundler, project, context));
  });
}

function keep(kind, found) {
  const file = new URL('installs.json', import.meta.url);
  const all = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { installers: [], bundlers: [] };
  const at = all[kind].findIndex(({ name }) => name === found.name);
  all[kind].splice(at === -1 ? all[kind].length : at, 1, found);
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}

/** npm, this Node, and one bundler. */
async function short() {
  return check(async (context) => {
    const [npm, bundler] = [installers[0], bundlers[0]];
    const folder = join(context.folder, 'npm');
    const seconds = await makeProject(folder, { ...context, installer: npm, packages: bundler.packages });
    console.log(`npm installed ${context.packed.length} packages in ${seconds.toFixed(1)} s`);
    const { packages, entries, names } = await useInNode(folder, { installer: npm, doctor: false });
    console.log(`Node ${process.version} imports ${names} names of ${entries} entries of ${packages} packages`);
    console.log('they train, and so does the command line');
    if (hasChromium) await bundleShort(bundler, folder, context);
  });
}

async function bundleShort(bundler, folder, context) {
  const { threads, gzipped } = await bundleLearning(bundler, folder, { isolated: true });
  const all = await bundleAll(bundler, folder, context);
  console.log(
    `bundled by ${bundler.name} in ${round(gzipped / 1000)} kB they train in Chromium with ${threads} threads; all ${all.entries} entries for browsers load in ${round(all.gzipped / 1000)} kB`,
  );
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
  for (const { node } of tried) await useInNode(folder, { node, installer, doctor: node === tried[0].node });
  const found = { name: installer.name, version, seconds: round(seconds), nodes: tried.map((each) => each.version) };
  console.log(`${found.name} ${version}: ${found.seconds} s to install, works on Node ${found.nodes.join(', ')}`);
  return found;
}

async function projectToBundle(all, context) {
  const folder = join(context.folder, 'to-bundle');
  const packages = Object.assign({}, ...all.map((bundler) => bundler.packages));
  await makeProject(folder, { ...context, installer: installers[0], packages });
  return folder;
}

/** A minified page on a site like most, and one with threads on a site that sends the isolation headers. */
async function tryBundler(bundler, folder, context) {
  const { gzipped } = await bundleLearning(bundler, folder, { isolated: false });
  const { threads, browser } = await bundleLearning(bundler, folder, { isolated: true });
  const all = await bundleAll(bundler, folder, context);
  const { name, packages } = bundler;
  const [main] = Object.keys(packages);
  const { version } = JSON.parse(readFileSync(join(folder, 'node_modules', main, 'package.json'), 'utf8'));
  const kilobytes = round(gzipped / 1000);
  const found = { name, version, kilobytes, allKilobytes: round(all.gzipped / 1000), threads, chromium: browser };
  console.log(
    `${name} ${version}: ${kilobytes} kB gzipped; trains in Chromium ${browser}, with ${threads} threads too; all ${all.entries} entries load`,
  );
  return found;
}

async function bundleLearning(bundler, folder, { isolated }) {
  const outcome = await bundle(bundler, folder, { isolated });
  checkLearning(outcome);
  return outcome;
}

/** Every package that is for browsers in one minified page, which has each of their exports. */
async function bundleAll(bundler, folder, { packed }) {
  const page = join(folder, 'page.mjs');
  const before = readFileSync(page, 'utf8');
  const { entries, text } = pageOfAll(packed);
  write(folder, { 'page.mjs': text });
  const outcome = await bundle(bundler, folder, { isolated: false });
  if (outcome.entries !== entries.length)
    throw new Error(`${outcome.entries} entries in a page of ${entries.join(', ')}`);
  write(folder, { 'page.mjs': before });
  return outcome;
}

/** Bundles `page.mjs` and runs it. @returns what the page came to, and the bytes of its scripts, each gzipped. */
async function bundle({ settings, command }, folder, { isolated }) {
  write(folder, settings({ threads: isolated }));
  await call(command, folder);
  const outcome = await runPage(folder, { isolated });
  const dist = join(folder, 'dist');
  const scripts = readdirSync(dist).filter((file) => file.endsWith('.js'));
  const gzipped = scripts.reduce((total, file) => total + gzipSync(readFileSync(join(dist, file))).length, 0);
  rmSync(dist, { recursive: true });
  return { ...outcome, gzipped };
}

const round = (value) => Math.round(value * 10) / 10;

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const names = process.argv.slice(2);
  const passed = await (names[0] === '--short' ? short() : campaign(names));
  process.exitCode = passed ? 0 : 1;
}
