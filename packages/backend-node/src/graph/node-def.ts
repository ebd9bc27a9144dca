import { entry, holds, message, packed, whole, type Message } from './protobuf.js';

/** TensorFlow's numbers for its dtypes. */
const dtypes = { float32: 1, int32: 3, uint8: 4, int8: 6, bfloat16: 14, float16: 19 } as const;

export type Dtype = keyof typeof dtypes;

/** One operation of a graph: TensorFlow's `NodeDef`. */
export interface NodeDef {
  name: string;
  op: string;
  inputs: string[];
  /** Each an `AttrValue`, from one of the functions below. */
  attributes: Record<string, Message>;
}

export function encodeNode({ name, op, inputs, attributes }: NodeDef): Message {
  return message(
    holds(1, name),
    holds(2, op),
    ...inputs.map((input) => holds(3, input)),
    ...Object.entries(attributes).map(([key, value]) => entry(5, key, value)),
  );
}

export const ofType = (dtype: Dtype) => whole(6, dtypes[dtype]);

export const ofBool = (value: boolean) => whole(5, value);

export const ofInt = (value: number) => whole(3, value);

/** A shape of which only the number of axes is known. */
export const ofUnknownSides = (rank: number) => holds(7, message(...Array(rank).fill(holds(2, whole(1, -1)))));

/** A constant of the graph: a scalar for a number, else values of a shape. */
export function ofTensor(values: number | ArrayLike<number>, shape: number[], dtype: 'float32' | 'int32'): Message {
  const list = typeof values === 'number' ? [values] : Array.from(values);
  const sides = message(...shape.map((side) => holds(2, whole(1, side))));
  const content = dtype === 'float32' ? new Uint8Array(Float32Array.from(list).buffer) : packed(list);
  return holds(8, message(whole(1, dtypes[dtype]), holds(2, sides), holds(dtype === 'float32' ? 5 : 7, content)));
}
