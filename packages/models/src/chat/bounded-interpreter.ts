import { Interpreter } from '@huggingface/jinja';
import { filterName, readingsOf, type Node, type Reading } from './readings.js';
import { deepSize, shallowSize, type Value } from './value-size.js';
import type { Work } from './work.js';

/** What is being evaluated. */
interface Frame {
  node: Node;
  /** The sizes so far of operands that multiply; undefined where they add up. */
  product: number | undefined;
  /** What a member is taken of. */
  object?: Value;
}

/**
 * The library's interpreter, doing no more than `work` allows: a step costs `stepCost`, and an operation the size of what
 * it reads or writes, before it is done. Throws what `work` throws.
 */
export class BoundedInterpreter extends (Interpreter as AnyInterpreter) {
  readonly #work: Work;
  readonly #readings: ReadonlyMap<Node, Reading>;
  readonly #nodes: number;
  readonly #frames: Frame[] = [];
  /** The value that each method was taken of. */
  readonly #owners = new WeakMap<Value, Value>();

  constructor(program: Node, environment: unknown, work: Work) {
    super(environment);
    const { readings, count } = readingsOf(program);
    this.#readings = readings;
    this.#nodes = count;
    this.#work = work;
  }

  override evaluate(node: Node | undefined, environment: unknown): Value {
    if (!node) return super.evaluate(node, environment);
    // The library looks through a whole macro as it defines it.
    this.#work.spend(definitions.has(node.type) ? this.#nodes : stepCost);
    const parent = this.#frames.at(-1);
    const frame: Frame = { node, product: firstFactor(node) };
    this.#frames.push(frame);
    let value: Value;
    try {
      value = super.evaluate(node, environment);
    } finally {
      this.#frames.pop();
    }
    if (value.type === 'StringValue' && !named.has(node.type)) this.#work.spend((value.value as string).length);
    if (parent) this.#pass(value, frame, parent);
    return value;
  }

  /** Counts a value towards the operation that it is an operand of. */
  #pass(value: Value, { node, product, object }: Frame, parent: Frame): void {
    const reading = this.#readings.get(node);
    if (reading !== undefined) this.#count(parent, this.#sizeOf(value, reading));
    if (parent.node.type === 'MemberExpression' && parent.node['object'] === node) parent.object = value;
    const called = parent.node['callee'] === node;
    if (value.type !== 'FunctionValue') return;
    const owner = this.#owners.get(value);
    if (owner === undefined && object !== undefined) this.#owners.set(value, object);
    if (!called) return;
    // It would read what nobody has counted.
    if (owner !== undefined && owner !== object) throw new Error('a method is called by another name than its own');
    if (product !== undefined && parent.product !== undefined) this.#count(parent, product);
  }

  #sizeOf(value: Value, reading: Reading): number {
    if (reading === 'shallow') return shallowSize(value);
    return deepSize(value, { limit: this.#work.left, numbers: reading === 'numbers' });
  }

  #count(operation: Frame, size: number): void {
    if (operation.product === undefined) return this.#work.spend(size);
    operation.product *= Math.max(1, size);
    this.#work.spend(operation.product);
  }
}

/** The library's own types do not resolve as Node resolves modules. */
type AnyInterpreter = new (environment: unknown) => {
  run(program: Node): Value;
  evaluate(node: Node | undefined, environment: unknown): Value;
};

/** In characters. */
const stepCost = 10;

const definitions = new Set(['Macro', 'CallStatement']);

/** Nodes that give a text which is there already. */
const named = new Set(['Identifier', 'MemberExpression', 'StringLiteral']);

/** The comparisons of a sort, and the values that a text is split into. */
const factors = new Map([
  ['sort', 20],
  ['dictsort', 20],
  ['split', 16],
]);

/** Of an operation whose operands multiply, as in `join` and `replace`; undefined of others. */
function firstFactor(node: Node): number | undefined {
  switch (node.type) {
    case 'FilterExpression':
    case 'FilterStatement':
      return factors.get(filterName(node)) ?? 1;
    case 'MemberExpression':
      return factors.get(node['property'].value) ?? 1;
    case 'CallExpression':
      return node['callee'].type === 'MemberExpression' ? 1 : undefined;
    case 'BinaryExpression':
      return ['in', 'not in'].includes(node['operator'].value) ? 1 : undefined;
    default:
      return undefined;
  }
}
