import { LowrankError, type ModuleInfo } from '@lowrank/core/plan';
import { frozenLinear } from './frozen-linear.js';
import { loraLinear } from './lora-linear.js';
import { add, addTrained, multiply, reshape } from './ops.js';
import { like, type Run } from './run.js';
import { bytesOf, type Value } from './tape.js';

/** The forward pass of the module at `path`, adapted or trained as the plan says. */
export function runModule(run: Run, path: string, x: Value): Value {
  const info = run.modules.get(path);
  if (!info) throw unknown(path);
  const trains = (run.extras.get(path) ?? []).map(({ trains }) => trains);
  if (info.kind === 'embedding') return embedding(run, info, x, trains.includes('module'), trains.includes('rows'));
  if (info.kind === 'norm' || info.kind === 'layer-norm') return norm(run, info, x, trains);
  const biased = trains.includes('bias');
  if (run.adapted.has(path)) return loraLinear(run, info, x, biased);
  if (trains.includes('module')) return trainedLinear(run, info, x);
  const y = frozenLinear(run, info, x);
  const table = (run.extras.get(path) ?? []).find((extra) => extra.trains === 'tied-rows')?.table;
  if (table !== undefined) return tiedRows(run, table, y);
  return biased ? addTrained(run, y) : y;
}

/** Every weight and bias trained, which is what full fine-tuning does. A tied head's are its table's. */
function trainedLinear(run: Run, { in: from = 0, out = 0, bias }: ModuleInfo, x: Value): Value {
  const product = 2 * x.rows * from * out;
  const flat = reshape(run, x);
  const [y] = run.tape.record({
    inputs: [flat],
    outputs: [[x.rows, out]],
    keeps: [flat.memory],
    trains: bytesOf(from, out),
    flops: { base: product, inputs: product, trained: product },
    weights: bytesOf(from, out),
  });
  const shaped = reshape(run, y as Value);
  return bias ? addTrained(run, shaped) : shaped;
}

function norm(run: Run, { kind, bias }: ModuleInfo, x: Value, trains: string[]): Value {
  const { tape, kernels } = run;
  const stats = x.rows * kernels.perRow[kind as 'norm' | 'layer-norm'];
  const own = kernels.keepsNormal ? x.rows * x.features : 0;
  const keeps = kernels.keepsNormal ? [] : [x.memory];
  const node = { inputs: [x], outputs: [like(x)], keeps, keepsBytes: 4 * (stats + own), eager: true };
  const y = tape.record(node)[0] as Value;
  const whole = trains.includes('module');
  const scaled = whole ? multiply(run, y, true) : y;
  return trains.includes('bias') || (whole && bias) ? addTrained(run, scaled) : scaled;
}

/** Rows of a table; the reshape that follows keeps them. */
function embedding(run: Run, info: ModuleInfo, ids: Value, whole: boolean, rows: boolean): Value {
  const { tape, adapted, adapter } = run;
  const { path, in: vocab = 0, out: hidden = 0 } = info;
  const trains = whole ? bytesOf(vocab, hidden) : 0;
  const found = tape.record({ inputs: [ids], outputs: [[ids.rows, hidden]], keeps: [ids.memory], trains });
  const frozen = reshape(run, found[0] as Value);
  if (rows) return add(run, multiply(run, frozen), ownRows(run, path, frozen));
  const module = adapted.get(path);
  if (!module) return frozen;
  const { rank } = module;
  const factors = { inputs: [ids], keeps: [ids.memory], trains: bytesOf(vocab, rank) };
  const hiddens = tape.record({ ...factors, outputs: [[ids.rows, rank]] })[0] as Value;
  const product = 2 * ids.rows * rank * hidden;
  const [update] = tape.record({
    inputs: [hiddens],
    outputs: [[ids.rows, hidden]],
    keeps: [hiddens.memory],
    trains: bytesOf(rank, hidden),
    flops: { adapter: product, inputs: product, trained: product },
  });
  const sum = add(run, frozen, reshape(run, multiply(run, update as Value)));
  return adapter.useDora ? multiply(run, sum, true) : sum;
}

/** Rows that are trained, picked by a product with which of them each token is. */
function ownRows(run: Run, table: string, { rows, features }: Value): Value {
  const { parameters = 0, tokens = [] } = run.extras.get(table)?.find(({ trains }) => trains === 'rows') ?? {};
  const keepsBytes = bytesOf(rows, tokens.length);
  const own = run.tape.record({ inputs: [], outputs: [[rows, features]], keepsBytes, trains: 4 * parameters });
  return reshape(run, own[0] as Value);
}

/** A head whose logits of some tokens come of the rows that are trained. */
function tiedRows(run: Run, table: string, frozen: Value): Value {
  return add(run, multiply(run, frozen), ownRows(run, table, frozen));
}

function unknown(path: string): LowrankError {
  return new LowrankError('config-invalid', {
    given: `a forward pass through "${path}"`,
    rule: 'the outline has no module of that path',
    fix: 'take modules and pass from one outline',
  });
}
