import { table, withPart } from './page.mjs';
import { readResult } from './results.mjs';

/** The tables of docs/reliability.md by name, from the results that there are. */
function tables() {
  return Object.fromEntries(
    Object.entries(rows).map(([name, rowsOf]) => {
      const result = readResult(name);
      return [name, result ? `${rowsOf(result)}\n\n${result.machine}.` : 'Not run yet.'];
    }),
  );
}

/** A page with each `<!-- name -->` … `<!-- /name -->` filled in. */
export function filled(page) {
  return Object.entries(tables()).reduce((text, [name, body]) => withPart(text, name, body), page);
}

const mebibytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;
const count = (number) => number.toLocaleString('en-GB');
const counted = (counts) =>
  Object.entries(counts)
    .map(([name, times]) => `${name} ${times}`)
    .join(', ');

const rows = {
  kill({ kills, runs, seed, differing, mixed, unreadable, leftovers, moments }) {
    const kinds = ['starting', 'training', 'saving'].map((kind) => [
      kind,
      moments.filter((moment) => moment.kind === kind).length,
    ]);
    return table(
      ['what', 'count'],
      [
        [`processes killed, of ${runs} runs, seed ${seed}`, count(kills)],
        ...kinds.map(([kind, times]) => [`… while ${kind}`, count(times)]),
        ['… that had replaced an earlier adapter', count(moments.filter(({ adapter }) => adapter === 'new').length)],
        ['runs whose adapter, config or last checkpoint came out in other bytes', count(differing)],
        ['folders with files of two adapters', count(mixed)],
        ['adapters or checkpoints that could not be read', count(unreadable)],
        ['unfinished files left after a run had ended', count(leftovers)],
      ],
    );
  },
  steps: ({ backends }) =>
    table(
      ['backend', 'steps', 'tensors', 'resident, first look', 'last look', 'growth a step', 'minutes'],
      Object.entries(backends).map(([name, { steps, tensors, residentBytes, residentBytesPerStep, seconds }]) => [
        name,
        count(steps),
        tensors[0] === tensors[1] ? tensors[0] : tensors.join(' to '),
        mebibytes(residentBytes[0]),
        mebibytes(residentBytes[1]),
        `${count(Math.round(residentBytesPerStep))} B`,
        (seconds / 60).toFixed(1),
      ]),
    ),
  fuzz: ({ parsers }) =>
    table(
      ['parser', 'cases', 'refused', 'slowest', 'grew by'],
      Object.entries(parsers).map(([name, { cases, refused, slowestMs, mostGrownMiB }]) => [
        name,
        count(cases),
        count(refused),
        `${count(slowestMs)} ms`,
        `${mostGrownMiB} MiB`,
      ]),
    ),
  disk: ({ parts }) =>
    table(
      ['disk', 'trials', 'how they ended', 'not as they may'],
      Object.entries(parts).map(([name, { trials, ends, refused, bad }]) => [
        name,
        count(trials),
        trials === 0
          ? 'not tried: nobody may mount here'
          : counted(ends ?? { refused, read: trials - refused - bad.length }),
        bad.length,
      ]),
    ),
  hub: ({ cases, peakOfHonest }) =>
    table(
      ['what the hub does', 'ended', 'peak', 'at most', 'seconds', 'outside the cache'],
      [
        ['nothing wrong', 'done', `${peakOfHonest} MiB`, '', '', 'nothing'],
        ...cases.map(({ what, ended, peakMiB, mostMiB, seconds, written }) => [
          what,
          ended,
          `${peakMiB} MiB`,
          `${mostMiB} MiB`,
          seconds,
          written.join(', ') || 'nothing',
        ]),
      ],
    ),
  audit: ({ packages, licences, withInstallScripts, optionalPeers, advisories }) =>
    table(
      ['what', 'found'],
      [
        ['packages that ours bring along, with the peers that they need', packages],
        ['their licences', counted(licences)],
        ['with a script that runs as they are installed', withInstallScripts.join('; ') || 'none'],
        ...optionalPeers.map(({ name, packages, scripts }) => [
          `scripts of the optional peer \`${name}\`, ${packages} packages`,
          scripts.join('; ') || 'none',
        ]),
        ['known advisories', advisories],
      ],
    ),
};
