import { encodeNode, dtypes, ofBool, ofFunction, ofType, ofTypes, type Dtype, type NodeDef } from './node-def.js';
import { Formula, type Value } from './formula.js';
import { entry, holds, message, whole, type Message } from './protobuf.js';

/** A formula that XLA compiles to machine code, anew for each combination of shapes that it meets. */
export interface Program {
  inputs: Record<string, Dtype>;
  write(formula: Formula, inputs: Record<string, Value>): Value[];
}

/** A program whose inputs are all float32. */
export function program<Name extends string>(
  inputs: readonly Name[],
  write: (formula: Formula, inputs: Record<Name, Value>) => Value[],
): Program {
  return { inputs: Object.fromEntries(inputs.map((input) => [input, 'float32' as const])), write };
}

export interface SavedModel {
  bytes: Message;
  /** How many outputs each program has. */
  outputs: Record<string, number>;
}

/** A TensorFlow `SavedModel` that holds programs: for each a function to be compiled, a placeholder an input, and its call. */
export function savedModel(programs: Record<string, Program>): SavedModel {
  const written = Object.entries(programs).map(([name, each]) => encode(name, each));
  const graph = message(
    ...written.flatMap(({ nodes }) => nodes.map((node) => holds(1, encodeNode(node)))),
    holds(2, message(...written.map(({ body }) => holds(1, body)))),
    holds(4, whole(1, graphVersion)),
  );
  const metaGraph = message(holds(1, holds(4, 'serve')), holds(2, graph));
  return {
    bytes: message(whole(1, 1), holds(2, metaGraph)),
    outputs: Object.fromEntries(written.map(({ name, outputs }) => [name, outputs])),
  };
}

/** What TensorFlow 2.9 wrote; later releases read it. */
const graphVersion = 1087;

interface Encoded {
  name: string;
  nodes: NodeDef[];
  body: Message;
  outputs: number;
}

function encode(name: string, { inputs, write }: Program): Encoded {
  const formula = new Formula();
  const args = Object.entries(inputs);
  const values = Object.fromEntries(args.map(([input, dtype]) => [input, { name: input, dtype }]));
  const outputs = write(formula, values);
  const placeholders = args.map(([input, dtype]) => ({
    name: `${name}/${input}`,
    op: 'Placeholder',
    inputs: [],
    attributes: { dtype: ofType(dtype) },
  }));
  const call = {
    name,
    op: 'StatefulPartitionedCall',
    inputs: placeholders.map((placeholder) => placeholder.name),
    attributes: {
      Tin: ofTypes(args.map(([, dtype]) => dtype)),
      Tout: ofTypes(outputs.map(({ dtype }) => dtype)),
      f: ofFunction(`compiled_${name}`),
    },
  };
  const argument = (label: string, dtype: Dtype) => message(holds(1, label), whole(3, dtypes[dtype]));
  const signature = message(
    holds(1, `compiled_${name}`),
    ...args.map(([input, dtype]) => holds(2, argument(input, dtype))),
    ...outputs.map(({ dtype }, index) => holds(3, argument(`out${index}`, dtype))),
  );
  const body = message(
    holds(1, signature),
    ...formula.nodes.map((node) => holds(3, encodeNode(node))),
    ...outputs.map((output, index) => entry(4, `out${index}`, output.name)),
    entry(5, '_XlaMustCompile', ofBool(true)),
  );
  return { name, nodes: [...placeholders, call], body, outputs: outputs.length };
}
