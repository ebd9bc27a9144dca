/** A node of the library's syntax tree, as far as it is looked at here. */
export interface Node {
  type: string;
  // oxlint-disable-next-line no-explicit-any -- each kind has children of its own
  [key: string]: any;
}

/**
 * How much of a value an operation reads: all that is in it; that, with numbers for as many characters; or the value's own
 * members alone.
 */
export type Reading = 'deep' | 'numbers' | 'shallow';

/** Every node whose value some operation reads, with how, and how many nodes there are. */
export function readingsOf(program: Node): { readings: Map<Node, Reading>; count: number } {
  const readings = new Map<Node, Reading>();
  const pending: unknown[] = [program];
  let count = 0;
  while (pending.length > 0) {
    const node = pending.pop();
    if (node instanceof Map) pending.push(...[...node].flat());
    else if (Array.isArray(node)) for (const child of node) pending.push(child);
    else if (isNode(node)) {
      count++;
      // Of a filter that is a call its expression has spoken first.
      for (const [child, reading] of operandsOf(node))
        if (isNode(child) && !readings.has(child)) readings.set(child, reading);
      pending.push(...Object.values(node));
    }
  }
  return { readings, count };
}

const isNode = (node: unknown): node is Node => typeof node === 'object' && node !== null && 'type' in node;

type Operands = [node: unknown, reading: Reading][];

function operandsOf(node: Node): Operands {
  switch (node.type) {
    case 'For':
      return [...written(node), [node['iterable'].type === 'SelectExpression' ? node['iterable'].lhs : node['iterable'], 'shallow']];
    case 'CallStatement':
      return [...written(node), ...values(node['call'].args, 'deep')];
    case 'FilterStatement':
      return [...written(node), ...argumentsOf(node['filter'])];
    case 'FilterExpression':
      return [...filtered(node['operand'], filterName(node)), ...argumentsOf(node['filter'])];
    case 'BinaryExpression':
      return compared(node);
    case 'CallExpression':
      return [...calledOn(node['callee']), ...values(node['args'], 'deep')];
    case 'MemberExpression':
      return node['property'].type === 'SliceExpression' ? [[node['object'], 'shallow']] : [];
    case 'TestExpression':
      return [[node['operand'], 'shallow']];
    default:
      return written(node);
  }
}

/** The statements of blocks, whose values become text. */
function written({ body, alternate, defaultBlock }: Node): Operands {
  return [body, alternate, defaultBlock].flatMap((block) => (Array.isArray(block) ? values(block, 'deep') : []));
}

/** Arguments, behind their names and stars. */
function values(nodes: Node[], reading: Reading): Operands {
  return nodes.map((node) => {
    if (node.type === 'KeywordArgumentExpression') return [node['value'], reading];
    return [/Spread/.test(node.type) ? node['argument'] : node, reading];
  });
}

/** What a filter is called. */
export function filterName({ filter }: Node): string {
  return String(filter.value ?? filter.callee.value);
}

const constantFilters = new Set(['default', 'first', 'last', 'length', 'list', 'safe']);
const shallowFilters = new Set(['items', 'map', 'rejectattr', 'reverse', 'selectattr', 'unique']);
/** They write as many blanks as they are told. */
const indenting = new Set(['indent', 'tojson']);

function filtered(operand: Node, name: string): Operands {
  if (constantFilters.has(name)) return [];
  return [[operand, shallowFilters.has(name) ? 'shallow' : 'deep']];
}

function argumentsOf(filter: Node): Operands {
  if (filter.type !== 'CallExpression') return [];
  return values(filter['args'], indenting.has(String(filter['callee'].value)) ? 'numbers' : 'deep');
}

function compared({ operator, left, right }: Node): Operands {
  if (['in', 'not in'].includes(operator.value)) return [left, right].map((side) => [side, 'shallow']);
  if (['~', '+', '==', '!='].includes(operator.value)) return [left, right].map((side) => [side, 'deep']);
  return [];
}

const shallowMethods = new Set(['get', 'items', 'keys', 'values']);

/** The value that a method is called on. */
function calledOn(callee: Node): Operands {
  if (callee.type !== 'MemberExpression') return [];
  return [[callee['object'], shallowMethods.has(callee['property'].value) ? 'shallow' : 'deep']];
}
