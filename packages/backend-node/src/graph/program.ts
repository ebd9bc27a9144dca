import { Formula, type Value } from './formula.js';
import { encodeNode, ofType, type Dtype, type NodeDef } from './node-def.js';
import { holds, message, whole, type Message } from './protobuf.js';

/** A formula over named inputs, which TensorFlow runs in one call, for any shapes. */
export interface Program {
  inputs: Record<string, Dtype>;
  write(formula: Formula, inputs: Record<string, Value>): Value[];
}

/** A program; an input whose name begins with `shape` or `ids` is int32, the others are float32. */
export function program<Name extends string>(
  inputs: readonly Name[],
  write: (formula: Formula, inputs: Record<Name, Value>) => Value[],
): Program {
  const dtypeOf = (input: Name): Dtype => (/^(shape|ids)/.test(input) ? 'int32' : 'float32');
  return { inputs: Object.fromEntries(inputs.map((input) => [input, dtypeOf(input)])), write };
}

export interface SavedModel {
  bytes: Message;
  /** What TensorFlow calls each program's inputs, outputs and first output: comma-separated. */
  names: Record<string, { inputs: string; outputs: string; first: string }>;
}

/** A TensorFlow `SavedModel` that holds programs side by side in one graph. */
export function savedModel(programs: Record<string, Program>): SavedModel {
  const encoded = Object.entries(programs).map(([name, each]) => [name, encode(name, each)] as const);
  const nodes = encoded.flatMap(([, { nodes }]) => nodes.map((node) => holds(1, encodeNode(node))));
  const graph = message(...nodes, holds(4, whole(1, graphVersion)));
  const metaGraph = message(holds(1, holds(4, 'serve')), holds(2, graph));
  return {
    bytes: message(whole(1, 1), holds(2, metaGraph)),
    names: Object.fromEntries(encoded.map(([name, { inputs, outputs, first }]) => [name, { inputs, outputs, first }])),
  };
}

/** What TensorFlow 2.9 wrote; later releases read it. */
const graphVersion = 1087;

function encode(scope: string, { inputs, write }: Program) {
  const formula = new Formula(scope);
  const args = Object.entries(inputs);
  const placeholders = args.map(([input, dtype]): NodeDef => {
    return { name: `${scope}/${input}`, op: 'Placeholder', inputs: [], attributes: { dtype: ofType(dtype) } };
  });
  const values = args.map(([input, dtype]) => [input, { name: `${scope}/${input}:0`, dtype }] as const);
  const outputs = write(formula, Object.fromEntries(values));
  return {
    nodes: [...placeholders, ...formula.nodes],
    inputs: values.map(([, { name }]) => name).join(),
    outputs: outputs.map(({ name }) => name).join(),
    first: outputs[0]?.name ?? '',
  };
}
