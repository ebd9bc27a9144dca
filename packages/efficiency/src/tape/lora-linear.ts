import type { ModuleInfo, PlannedModule } from '@lowrank/core/plan';
import { frozenLinear } from './frozen-linear.js';
import { add, addTrained, multiply, reshape } from './ops.js';
import { like, type Run } from './run.js';
import { bytesOf, type Value } from './tape.js';

/** A linear with factors, as `LoraLinear` runs it. `biased` where a copy of its own bias is trained. */
export function loraLinear(run: Run, info: ModuleInfo, x: Value, biased: boolean): Value {
  const { dropout, loraBias, useDora } = run.adapter;
  const module = run.adapted.get(info.path) as PlannedModule;
  const dropped = dropout > 0 ? drop(run, x) : undefined;
  let y = useDora ? dora(run, info, module, x, dropped) : lora(run, module, x, dropped);
  if (biased && info.bias) y = addTrained(run, y);
  return loraBias ? addTrained(run, y) : y;
}

/** The mask is kept, and what it leaves is the adapter's own input. */
function drop({ tape }: Run, x: Value): Value {
  return tape.record({ inputs: [x], outputs: [like(x)], keepsBytes: bytesOf(...like(x)), eager: true })[0] as Value;
}

/** The layer and its factors in one op, which keeps the adapter's input and `[rows, rank]`. */
function lora({ tape }: Run, module: PlannedModule, x: Value, dropped: Value | undefined): Value {
  const { in: from, out, rank } = module;
  const products = 2 * x.rows * rank * (from + out);
  const base = 2 * x.rows * from * out;
  const [y] = tape.record({
    inputs: dropped ? [x, dropped] : [x],
    outputs: [[x.rows, out]],
    keeps: [(dropped ?? x).memory],
    keepsBytes: bytesOf(x.rows, rank),
    eager: true,
    trains: bytesOf(rank, from + out),
    flops: { base, adapter: products, inputs: base + products, trained: products },
    weights: bytesOf(from, out),
  });
  return y as Value;
}

/** Times a magnitude for each output, which is trained. With dropout, the frozen product of what is left comes twice. */
function dora(run: Run, info: ModuleInfo, module: PlannedModule, x: Value, dropped: Value | undefined): Value {
  if (!dropped) {
    const scaled = multiply(run, lora(run, module, x, undefined), true);
    return info.bias ? add(run, scaled, bias(run, scaled)) : scaled;
  }
  const kept = frozenLinear(run, info, dropped);
  const update = reshape(run, factors(run, module, reshape(run, dropped)));
  const scaled = multiply(run, add(run, kept, update), true);
  return add(run, frozenLinear(run, info, x), add(run, scaled, kept));
}

/** The product with both factors, each tfjs's own, the scaling between them. */
function factors(run: Run, { in: from, out, rank }: PlannedModule, x: Value): Value {
  const product = (y: Value, inner: number, outer: number) => {
    const count = 2 * y.rows * inner * outer;
    const flops = { adapter: count, inputs: count, trained: count };
    const node = { inputs: [y], keeps: [y.memory], trains: bytesOf(inner, outer), flops };
    return run.tape.record({ ...node, outputs: [[y.rows, outer]] })[0] as Value;
  };
  return product(multiply(run, product(x, from, rank)), rank, out);
}

/** A frozen bias, which is part of the base. */
const bias = (_: Run, { features }: Value): Value => ({ rows: 1, features, memory: { bytes: 0 }, learns: false });
