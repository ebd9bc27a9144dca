/** The memory of one tensor, however many views of it there are. */
export interface Memory {
  bytes: number;
}

/** A value of a forward pass, `[rows, features]`. */
export interface Value {
  rows: number;
  features: number;
  memory: Memory;
  /** Whether it depends on anything that is trained. */
  learns: boolean;
}

/** What runs: the module at a path, or an op between modules. */
export interface Place {
  op: string;
  path?: string | undefined;
}

/** One differentiable op. */
export interface Node {
  inputs: Value[];
  /** Rows and features of what it gives. */
  outputs: [rows: number, features: number][];
  /** Gives its first input's memory again, as a reshape does, and its gradient likewise. */
  view?: boolean;
  /** What is kept for its gradient: memory that is there already, and bytes of its own. */
  keeps?: Memory[];
  keepsOutput?: boolean;
  keepsBytes?: number;
  /** Bytes that its gradient holds while it runs. */
  passingBytes?: number;
  /** Passes its gradient on as it is, with no memory of its own. */
  passes?: boolean;
  /** Makes the gradients of all inputs, wanted or not: an op of ours. */
  eager?: boolean;
  /** Bytes of the gradients of what it trains. */
  trains?: number;
  flops?: Partial<Flops>;
  /** Bytes of the base's weight that its products read, forward, and once more for the gradients of inputs. */
  weights?: number;
  /** Of attention: how many scores there are, and the share of them that is computed. */
  attention?: { scores: number; seen: number };
}

/** Floating-point operations of products: a multiply and an add each. */
interface Flops {
  /** Of the frozen base, forward. */
  base: number;
  /** Of the adapter beside it, forward. */
  adapter: number;
  /** Of the gradients of inputs. */
  inputs: number;
  /** Of the gradients of what is trained. */
  trained: number;
}

export interface Recorded {
  node: Node;
  /** Its number, from 0. */
  index: number;
  results: Value[];
  /** The memory of `keepsBytes`. */
  own: Memory | undefined;
  learns: boolean;
  section: number;
  at: Place;
}

/** What tfjs's gradient tape records of a forward pass, reckoned from shapes alone: every op, and what its gradient reads. */
export class Tape {
  readonly nodes: Recorded[] = [];
  /** What is kept, and which op first kept it. */
  readonly kept = new Map<Memory, Recorded>();
  #section = 0;
  #at: Place = { op: 'none' };

  /** Starts the next section: a layer, or what is before and after them. */
  next(): void {
    this.#section++;
  }

  /** Says what the ops that follow are part of. */
  enter(at: Place): void {
    this.#at = at;
  }

  record(node: Node): Value[] {
    const { inputs, keeps = [], keepsBytes = 0 } = node;
    const learns = (node.trains ?? 0) > 0 || inputs.some((input) => input.learns);
    const results = node.outputs.map(([rows, features]): Value => {
      const memory = node.view ? (inputs[0] as Value).memory : { bytes: bytesOf(rows, features) };
      return { rows, features, memory, learns };
    });
    const own = keepsBytes > 0 ? { bytes: keepsBytes } : undefined;
    const index = this.nodes.length;
    const recorded = { node, index, results, own, learns, section: this.#section, at: this.#at };
    const outputs = node.keepsOutput ? results.map(({ memory }) => memory) : [];
    for (const memory of [...keeps, ...(own ? [own] : []), ...outputs]) {
      if (!this.kept.has(memory)) this.kept.set(memory, recorded);
    }
    this.nodes.push(recorded);
    return results;
  }
}

/** Whether an op makes gradients of its inputs. */
export const reaches = ({ node: { eager, inputs }, learns }: Recorded) =>
  learns && (eager === true || inputs.some((input) => input.learns));

export const bytesOf = (rows: number, features: number) => 4 * rows * features;
