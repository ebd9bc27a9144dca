import { entry, holds, message, packed, whole, type Message } from './protobuf.js';

/** TensorFlow's numbers for its dtypes. */
export const dtypes = { float32: 1, int32: 3, bool: 10 } as const;

export type Dtype = keyof typeof dtypes;

/** One operation of a graph or function: TensorFlow's `NodeDef`. */
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

export const ofTypes = (list: Dtype[]) => holds(1, holds(6, packed(list.map((dtype) => dtypes[dtype]))));

export const ofBool = (value: boolean) => whole(5, value);

export const ofInt = (value: number) => whole(3, value);

export const ofFunction = (name: string) => holds(10, holds(1, name));

/** A constant of the graph: a scalar, or a vector for a list. */
export function ofTensor(values: number | ArrayLike<number>, dtype: Dtype): Message {
  const list = typeof values === 'number' ? [values] : Array.from(values);
  const shape = typeof values === 'number' ? message() : holds(2, whole(1, list.length));
  const content = dtype === 'float32' ? new Uint8Array(Float32Array.from(list).buffer) : packed(list);
  return holds(8, message(whole(1, dtypes[dtype]), holds(2, shape), holds(dtype === 'float32' ? 5 : 7, content)));
}
