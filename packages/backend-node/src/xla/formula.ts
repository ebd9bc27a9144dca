import { ofBool, ofInt, ofTensor, ofType, type Dtype, type NodeDef } from './node-def.js';

/** A tensor inside a formula: what TensorFlow calls it there. */
export interface Value {
  readonly name: string;
  readonly dtype: Dtype;
}

type Term = Value | number;

/** Writes a formula down as TensorFlow operations; XLA makes one loop over the values of it. Shapes broadcast. */
export class Formula {
  readonly nodes: NodeDef[] = [];

  add = (a: Term, b: Term) => this.#binary('AddV2', a, b);
  sub = (a: Term, b: Term) => this.#binary('Sub', a, b);
  mul = (a: Term, b: Term) => this.#binary('Mul', a, b);
  div = (a: Term, b: Term) => this.#binary('RealDiv', a, b);
  and = (a: Term, b: Term) => this.#binary('BitwiseAnd', a, b);
  shiftLeft = (a: Term, b: Term) => this.#binary('LeftShift', a, b);
  /** Keeps the sign. */
  shiftRight = (a: Term, b: Term) => this.#binary('RightShift', a, b);

  neg = (x: Value) => this.#unary('Neg', x);
  erf = (x: Value) => this.#unary('Erf', x);
  exp = (x: Value) => this.#unary('Exp', x);
  log = (x: Value) => this.#unary('Log', x);
  tanh = (x: Value) => this.#unary('Tanh', x);
  sigmoid = (x: Value) => this.#unary('Sigmoid', x);
  square = (x: Value) => this.#unary('Square', x);
  sqrt = (x: Value) => this.#unary('Sqrt', x);
  rsqrt = (x: Value) => this.#unary('Rsqrt', x);

  /** Over the last axis, which stays with side 1. */
  mean = (x: Value) => this.#reduced('Mean', x);
  sum = (x: Value) => this.#reduced('Sum', x);
  max = (x: Value) => this.#reduced('Max', x);

  float = (x: Value) => this.node('Cast', [x], 'y', 'float32', { SrcT: ofType(x.dtype), DstT: ofType('float32') });

  /** 1 where equal, else 0. */
  equal(a: Value, b: Value): Value {
    return this.float(this.node('Equal', [a, b], 'z', 'bool', { T: ofType(a.dtype) }));
  }

  /** The halves of the last axis. */
  halves(x: Value): [Value, Value] {
    const first = this.node('Split', [this.constant(-1, 'int32'), x], 'output', x.dtype, {
      T: ofType(x.dtype),
      num_split: ofInt(2),
    });
    return [first, { ...first, name: first.name.replace(/0$/, '1') }];
  }

  /** Joined along the last axis. */
  joined(parts: Value[]): Value {
    const [{ dtype }] = parts as [Value];
    const attributes = { N: ofInt(parts.length), T: ofType(dtype), Tidx: ofType('int32') };
    return this.node('ConcatV2', [...parts, this.constant(-1, 'int32')], 'output', dtype, attributes);
  }

  constant(values: number | ArrayLike<number>, dtype: Dtype): Value {
    return this.node('Const', [], 'output', dtype, { dtype: ofType(dtype), value: ofTensor(values, dtype) });
  }

  /** Any operation by TensorFlow's name for it and for its output. */
  node(op: string, inputs: Value[], output: string, dtype: Dtype, attributes: NodeDef['attributes']): Value {
    const name = `n${this.nodes.length}`;
    this.nodes.push({ name, op, inputs: inputs.map((input) => input.name), attributes });
    return { name: `${name}:${output}:0`, dtype };
  }

  #unary(op: string, x: Value): Value {
    return this.node(op, [x], 'y', x.dtype, { T: ofType(x.dtype) });
  }

  #binary(op: string, a: Term, b: Term): Value {
    const { dtype } = typeof a === 'number' ? (b as Value) : a;
    const terms = [a, b].map((term) => (typeof term === 'number' ? this.constant(term, dtype) : term));
    return this.node(op, terms, 'z', dtype, { T: ofType(dtype) });
  }

  #reduced(op: string, x: Value): Value {
    const attributes = { T: ofType(x.dtype), Tidx: ofType('int32'), keep_dims: ofBool(true) };
    return this.node(op, [x, this.constant([-1], 'int32')], 'output', x.dtype, attributes);
  }
}
