// GFLOP/s of matMul on wasm, stock tfjs against ours, on one thread and on all cores, in interleaved runs.
// Needs core and this package built: node bench/mat-mul.bench.mjs [ms per figure] > mat-mul.json
import { wasm } from '@lowrank/backend-wasm';
import { useBackend } from '@lowrank/core';
import { backend, fill, getKernel } from '@tensorflow/tfjs-core';
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

/** [what it stands for, batch, rows, inner, columns, transposeA, transposeB] */
const shapes = [
  ['BERT base, attention weight', 1, 512, 768, 768, false, false],
  ['BERT base, feed forward', 1, 512, 768, 3072, false, false],
  ['its gradient of x', 1, 512, 768, 768, false, true],
  ['its gradient of W', 1, 768, 512, 768, true, false],
  ['tiny, attention weight', 1, 1024, 256, 256, false, false],
  ['its gradient of x', 1, 1024, 256, 256, false, true],
  ['tiny, gate and up', 1, 1024, 256, 704, false, false],
  ['its gradient of x', 1, 1024, 704, 256, false, true],
  ['tiny, down', 1, 1024, 704, 256, false, false],
  ['its gradient of x', 1, 1024, 256, 704, false, true],
  ['tiny, head (table [2048, 256])', 1, 1024, 256, 2048, false, true],
  ['its gradient of x', 1, 1024, 2048, 256, false, false],
  ['tiny, down, 2048 rows', 1, 2048, 704, 256, false, false],
  ['LoRA x A', 1, 1024, 256, 8, false, false],
  ['LoRA h B', 1, 1024, 8, 256, false, false],
  ['LoRA gradient of A', 1, 256, 1024, 8, true, false],
  ['LoRA gradient of B', 1, 8, 1024, 256, true, false],
  ['LoRA gradient of h', 1, 1024, 256, 8, false, true],
  ['attention scores', 16, 256, 64, 256, false, true],
  ['attention values', 16, 256, 256, 64, false, false],
  ['attention gradient of k', 16, 256, 256, 64, true, false],
  ['attention scores', 32, 512, 64, 512, false, true],
  ['attention values', 32, 512, 512, 64, false, false],
  ['attention gradient of k', 32, 512, 512, 64, true, false],
  ['a token: weight', 1, 1, 256, 704, false, false],
  ['a token: head', 1, 1, 256, 2048, false, true],
  ['a token: attention scores', 4, 1, 64, 256, false, true],
];

const [what, threads, budget] = process.argv.slice(2);
if (what === '--measure') console.log(JSON.stringify(await measure(Number(threads), Number(budget))));
else report(Number(what ?? 300));

/** Both kernels on every shape, in this process, which can start wasm only once. */
async function measure(threads, budget) {
  const chosen = wasm({ threads });
  const stock = getKernel('BatchMatMul', 'wasm').kernelFunc;
  await useBackend(chosen);
  const ours = getKernel('BatchMatMul', 'wasm').kernelFunc;
  const figures = shapes.map(([, batch, rows, inner, columns, transposeA, transposeB]) => {
    const a = fill(transposeA ? [batch, inner, rows] : [batch, rows, inner], 0.5);
    const b = fill(transposeB ? [batch, columns, inner] : [batch, inner, columns], 0.5);
    const attrs = { transposeA, transposeB };
    const time = (kernel) => {
      const start = performance.now();
      const out = kernel({ inputs: { a, b }, backend: backend(), attrs });
      const took = performance.now() - start;
      backend().disposeData(out.dataId);
      return took;
    };
    const best = { stock: Infinity, ours: Infinity };
    const end = performance.now() + budget;
    for (let turn = 0; turn < 3 || performance.now() < end; turn++) {
      best.stock = Math.min(best.stock, time(stock));
      best.ours = Math.min(best.ours, time(ours));
    }
    a.dispose();
    b.dispose();
    const work = 2 * batch * rows * inner * columns;
    return Object.fromEntries(Object.entries(best).map(([name, ms]) => [name, Number((work / ms / 1e6).toFixed(1))]));
  });
  return { threads: chosen.capabilities().threads, figures };
}

function report(budget) {
  const file = fileURLToPath(import.meta.url);
  const runs = [1, availableParallelism()].map((threads) =>
    JSON.parse(execFileSync(process.execPath, [file, '--measure', threads, budget], { encoding: 'utf8' })),
  );
  const results = shapes.map(([name, batch, rows, inner, columns, transposeA, transposeB], index) => ({
    name,
    shape: `${batch > 1 ? `${batch} x ` : ''}${rows}x${inner}${transposeA ? ' (Aᵀ)' : ''} @ ${inner}x${columns}${transposeB ? ' (Bᵀ)' : ''}`,
    gflops: Object.fromEntries(runs.map((run) => [run.threads, run.figures[index]])),
  }));
  console.log(JSON.stringify({ node: process.version, cpu: cpus()[0].model, results }, null, 2));
  table(
    results,
    runs.map((run) => run.threads),
  );
}

/** To stderr, so that stdout is the JSON alone. Stock has one thread, whatever ours have. */
function table(results, counts) {
  const columns = [[counts[0], 'stock'], ...counts.map((count) => [count, 'ours'])];
  const row = (cells) => console.error(`| ${cells.join(' | ')} |`);
  row(['GFLOP/s', 'shape', ...columns.map(([count, name]) => `${name}, ${count} thread${count > 1 ? 's' : ''}`)]);
  row(['---', '---', ...columns.map(() => '---:')]);
  for (const { name, shape, gflops } of results)
    row([name, shape, ...columns.map(([count, key]) => gflops[count][key])]);
}
