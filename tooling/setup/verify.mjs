// Every gate of the repository in one run, from a bare clone; stops at the first that fails. Ends with `123 passed, 0 failed`.
import { providePeers } from '../peers/provide.mjs';
import { python } from '../peers/provide-python.mjs';
import { meetNeeds } from './needs.mjs';
import { build, install, script, step, tool } from './steps.mjs';
import { summary, vitest } from './vitest-counts.mjs';

const inCi = process.env.CI === 'true';
let testEnv = {};
const notRun = [];
let hasPeft = false;

function tests(name, { filters, built = false }) {
  return async () => {
    const { command, count } = vitest(name.replaceAll(' ', '-'), ...filters);
    const extraEnv = built ? { ...testEnv, TEST_BUILT: '1' } : testEnv;
    return step(name, command, { extraEnv, note: count });
  };
}

async function needs() {
  const { env, gaps } = await meetNeeds();
  testEnv = env;
  for (const gap of gaps) console.log(`missing: ${gap}`);
  return gaps.length === 0 || !inCi;
}

/** The judges from outside are no condition: where one cannot be had, that is said here and again at the end. */
async function peers() {
  const { python: hasPython, gaps } = providePeers();
  hasPeft = hasPython;
  sayNotRun(gaps);
  if (!hasPython) return true;
  let missing = [];
  const note = (output) => {
    const lines = output.trimEnd().split('\n');
    missing = lines.flatMap((line) => (line.startsWith('missing: ') ? [line.slice('missing: '.length)] : []));
    return lines.at(-1);
  };
  const passed = await step('beside Transformers and PEFT', script('tooling/peers/grid.mjs', '--check'), { note });
  sayNotRun(missing);
  const again = () => step('goldens made again', [python, ['tooling/goldens/check_goldens.py']], { note: lastLine });
  return passed && (await again());
}

function lastLine(output) {
  return output.trimEnd().split('\n').at(-1);
}

function sayNotRun(gaps) {
  for (const gap of gaps) {
    notRun.push(`NOT RUN: ${gap}`);
    console.log(notRun.at(-1));
  }
}

async function examples() {
  const { runExamples } = await import('./examples.mjs'); // its own imports are there once all is installed
  const { passed, gaps } = await runExamples({ peft: hasPeft });
  sayNotRun(gaps);
  return passed;
}

const gates = [
  install,
  () => step('format', tool('oxfmt', '--check')),
  () => step('lint, cycles, file length', tool('oxlint', '--deny-warnings')),
  tests('import arrows', { filters: ['tooling/arrows'] }),
  () => step('unused exports and dependencies', tool('knip')),
  () => step('changesets', script('tooling/gates/changesets.mjs')),
  () => step('licences', script('tooling/gates/licences.mjs'), { note: lastLine }),
  () => step("the forge's workflows", script('tooling/gates/workflows.mjs')),
  () => step('table of compatibility', script('tooling/release/compatibility.mjs', '--check')),
  build,
  () => step('types', tool('turbo', 'run', 'typecheck', '--ui=stream', '--output-logs=errors-only')),
  () => step('packed tarballs', script('tooling/gates/tarballs.mjs')),
  needs,
  () =>
    step('installed in a blank project', script('tooling/release/install-check.mjs', '--short'), { note: lastLine }),
  peers,
  tests('tests on source', {
    filters: [
      'packages',
      'apps',
      'tooling/testing',
      'tooling/browser',
      'tooling/conformance',
      'tooling/bench',
      'tooling/peers',
      'tooling/averaging',
      'tooling/campaign',
    ],
  }),
  tests('tests on dist', { filters: ['packages', 'apps/web'], built: true }), // those of apps/cli start the built command line anyway
  examples,
  () => step('docs site: links, API reference', script('tooling/site/build.mjs'), { note: lastLine }),
  tests('code in READMEs and docs', { filters: ['tooling/docs'], built: true }),
];

let failures = 0;
for (const gate of gates) {
  if (await gate()) continue;
  failures = 1;
  break;
}
for (const line of notRun) console.log(line);
console.log(summary(failures));
process.exit(failures);
