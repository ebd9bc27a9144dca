import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [begin, end] = ['<!-- rank-proof: by `pnpm run rank-proof` -->', '<!-- /rank-proof -->'];

/** Writes the tables into docs/rank.md, and every run into docs/rank-proof.jsonl. */
export async function writeReport(runs, { root }) {
  if (runs.length === 0) return;
  const path = join(root, 'docs', 'rank.md');
  const text = await readFile(path, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin)), text.slice(text.indexOf(end))];
  const tables = [...groupedBy('task', runs)].map(([task, own]) => tableOf(task, own));
  await writeFile(path, `${before}${begin}\n\n${tables.join('\n\n')}\n\n${after}`);
  await writeFile(join(root, 'docs', 'rank-proof.jsonl'), runs.map((run) => `${JSON.stringify(run)}\n`).join(''));
}

function tableOf(task, runs) {
  const byMethod = [...groupedBy('method', runs)];
  const uniform = new Map(byMethod.find(([name]) => name === 'uniform')?.[1].map(({ seed, loss }) => [seed, loss]));
  const rows = byMethod.map(([method, own]) => {
    const better = own.map(({ seed, loss }) => 100 * (1 - loss / uniform.get(seed)));
    const cells = [
      method,
      spread(
        own.map(({ loss }) => loss),
        4,
      ),
      method === 'uniform' ? '' : `${spread(better, 1)} %`,
      method === 'uniform' ? '' : `${better.filter((value) => value > 0).length} of ${own.length}`,
      ...(own[0].accuracy === undefined
        ? []
        : [
            `${spread(
              own.map(({ accuracy }) => 100 * accuracy),
              1,
            )} %`,
          ]),
      Math.max(...own.map(({ parameters }) => parameters)).toLocaleString('en'),
      `${Math.round(mean(own.map(({ choosing }) => choosing)))}`,
    ];
    return { loss: mean(own.map(({ loss }) => loss)), line: `| ${cells.join(' | ')} |` };
  });
  const accuracy = runs[0].accuracy === undefined ? '' : ' accuracy |';
  const head = `| ${task} | held-out loss | better than uniform | in seeds |${accuracy} parameters | updates to choose |`;
  const rule = `|${' --- |'.repeat(head.split('|').length - 2)}`;
  const lines = rows.toSorted((one, other) => one.loss - other.loss).map(({ line }) => line);
  return [head, rule, ...lines].join('\n');
}

/** The mean, and the standard deviation of a sample. */
function spread(values, digits) {
  const middle = mean(values);
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
  return `${middle.toFixed(digits)} ± ${Math.sqrt(variance).toFixed(digits)}`;
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function groupedBy(key, runs) {
  const groups = new Map();
  for (const run of runs) groups.set(run[key], [...(groups.get(run[key]) ?? []), run]);
  return groups;
}
