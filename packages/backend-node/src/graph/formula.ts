import { ofBool, ofInt, ofTensor, ofType, ofUnknownSides, type Dtype, type NodeDef } from './node-def.js';

/** A tensor inside a graph: what TensorFlow calls it there. */
export interface Value {
  readonly name: string;
  readonly dtype: Dtype;
}

type Term = Value | number;

/** Writes a formula down as TensorFlow operations. Shapes are not known yet, and broadcast as tfjs's do. */
export class Formula {
  readonly nodes: NodeDef[] = [];

  /** @param scope starts the name of each node */
  constructor(readonly scope: string) {}

  add = (a: Term, b: Term) => this.#binary('AddV2', a, b);
  sub = (a: Term, b: Term) => this.#binary('Sub', a, b);
  mul = (a: Term, b: Term) => this.#binary('Mul', a, b);
  div = (a: Term, b: Term) => this.#binary('RealDiv', a, b);

  neg = (x: Value) => this.#unary('Neg', x);
  erf = (x: Value) => this.#unary('Erf', x);
  exp = (x: Value) => this.#unary('Exp', x);
  tanh = (x: Value) => this.#unary('Tanh', x);
  sigmoid = (x: Value) => this.#unary('Sigmoid', x);
  square = (x: Value) => this.#unary('Square', x);
  sqrt = (x: Value) => this.#unary('Sqrt', x);
  rsqrt = (x: Value) => this.#unary('Rsqrt', x);
  /** Over the last axis. */
  softmax = (x: Value) => this.#unary('Softmax', x);

  /** Over the last axis, which stays with side 1. */
  mean = (x: Value) => this.#reduced('Mean', x);
  sum = (x: Value) => this.#reduced('Sum', x);

  /** A product of matrices, `aᵀ` and `bᵀ` where told. */
  matMul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    const attributes = { T: ofType('float32'), transpose_a: ofBool(transposeA), transpose_b: ofBool(transposeB) };
    return this.node('MatMul', [a, b], 'float32', attributes);
  }

  /** A product of matrices or of each pair in a batch; with `b` transposed it is quicker than `matMul`. */
  batchMatMul(a: Value, b: Value, transposeA = false, transposeB = false): Value {
    const attributes = { T: ofType('float32'), adj_x: ofBool(transposeA), adj_y: ofBool(transposeB) };
    return this.node('BatchMatMulV2', [a, b], 'float32', attributes);
  }

  reshape(x: Value, shape: Value): Value {
    return this.node('Reshape', [x, shape], x.dtype, { T: ofType(x.dtype), Tshape: ofType('int32') });
  }

  /** The same bits as numbers of another size; smaller ones get an axis of their own. */
  bitcast(x: Value, dtype: Dtype): Value {
    return this.node('Bitcast', [x], dtype, { T: ofType(x.dtype), type: ofType(dtype) });
  }

  cast(x: Value, dtype: Dtype): Value {
    return this.node('Cast', [x], dtype, { SrcT: ofType(x.dtype), DstT: ofType(dtype) });
  }

  /** Tells TensorFlow's optimiser how many axes x has, which it warns about where it would know. */
  ofRank(x: Value, rank: number): Value {
    return this.node('EnsureShape', [x], x.dtype, { T: ofType(x.dtype), shape: ofUnknownSides(rank) });
  }

  broadcast(x: Value, shape: Value): Value {
    return this.node('BroadcastTo', [x, shape], x.dtype, { T: ofType(x.dtype), Tidx: ofType('int32') });
  }

  /** The halves of the last axis. */
  halves(x: Value): [Value, Value] {
    const attributes = { T: ofType(x.dtype), num_split: ofInt(2) };
    const first = this.node('Split', [this.constant(-1, [], 'int32'), x], x.dtype, attributes);
    return [first, { ...first, name: first.name.replace(/0$/, '1') }];
  }

  joined(parts: [Value, ...Value[]], axis = -1): Value {
    const attributes = { N: ofInt(parts.length), T: ofType(parts[0].dtype), Tidx: ofType('int32') };
    return this.node('ConcatV2', [...parts, this.constant(axis, [], 'int32')], parts[0].dtype, attributes);
  }

  /** @param after how many values more each axis gets, at its end */
  padded(x: Value, after: number[], value: number): Value {
    const margins = after.flatMap((count) => [0, count]);
    const attributes = { T: ofType(x.dtype), Tpaddings: ofType('int32') };
    const inputs = [x, this.constant(margins, [after.length, 2], 'int32'), this.constant(value, [], 'float32')];
    return this.node('PadV2', inputs, x.dtype, attributes);
  }

  transpose(x: Value, order: Value): Value {
    return this.node('Transpose', [x, order], x.dtype, { T: ofType(x.dtype), Tperm: ofType('int32') });
  }

  constant(values: number | ArrayLike<number>, shape: number[], dtype: 'float32' | 'int32'): Value {
    return this.node('Const', [], dtype, { dtype: ofType(dtype), value: ofTensor(values, shape, dtype) });
  }

  /** Any operation by TensorFlow's name for it; its first output, of this dtype. */
  node(op: string, inputs: Value[], dtype: Dtype, attributes: NodeDef['attributes']): Value {
    const name = `${this.scope}/n${this.nodes.length}`;
    this.nodes.push({ name, op, inputs: inputs.map((input) => input.name), attributes });
    return { name: `${name}:0`, dtype };
  }

  #unary(op: string, x: Value): Value {
    return this.node(op, [x], x.dtype, { T: ofType(x.dtype) });
  }

  #binary(op: string, a: Term, b: Term): Value {
    const terms = [a, b].map((term) => (typeof term === 'number' ? this.constant(term, [], 'float32') : term));
    return this.node(op, terms, 'float32', { T: ofType('float32') });
  }

  #reduced(op: string, x: Value): Value {
    const attributes = { T: ofType(x.dtype), Tidx: ofType('int32'), keep_dims: ofBool(true) };
    return this.node(op, [x, this.constant([-1], [1], 'int32')], x.dtype, attributes);
  }
}
