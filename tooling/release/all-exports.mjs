// All that the packages export, as a list for Node and as a page that imports what is for browsers.

/** They stand on Node's own modules; every other package is for browsers too. */
const nodeOnly = ['@lowrank/backend-node', '@lowrank/serve', '@lowrank/sweep', 'lowrank'];

/** It stands on vitest, which runs in Node. */
const nodeEntries = ['@lowrank/conformance/vitest'];

/** For `blank/import-all.mjs`: the version of each package, and each entry that is code. */
export function exportsOf(packed) {
  const versions = Object.fromEntries(packed.map(({ manifest }) => [manifest.name, manifest.version]));
  return { versions, entries: packed.flatMap(entriesOf) };
}

/** A page that leaves in `globalThis.outcome` how many entries and names came. */
export function pageOfAll(packed) {
  const entries = packed
    .filter(({ manifest }) => !nodeOnly.includes(manifest.name))
    .flatMap(entriesOf)
    .filter((entry) => !nodeEntries.includes(entry));
  const imports = entries.map((entry, at) => `import * as entry${at} from '${entry}';`);
  const text = `${imports.join('\n')}
const all = [${entries.map((_, at) => `entry${at}`).join(', ')}].map((entry) => Object.values(entry));
const empty = all.findIndex((values) => values.length === 0 || values.includes(undefined));
globalThis.outcome = empty === -1
  ? { entries: all.length, names: all.flat().length }
  : { error: ${JSON.stringify(entries)}[empty] + ' lacks an export' };
`;
  return { entries, text };
}

/** Its manifest is no code, and tiny-base exports files. */
function entriesOf({ manifest: { name, exports } }) {
  const code = Object.entries(exports).filter(([, target]) => target.default !== undefined);
  return code.map(([path]) => `${name}${path.slice(1)}`);
}
