import { MultiplyArgs } from './multiply-args';
import { multiply } from './multiply';
import { memberOf } from './block';

/** What a job of attention reads, in the order in which src/kernels/attention.ts writes it. A task is one head of one sequence. */
@unmanaged
export class AttentionArgs {
  q: usize;
  k: usize;
  v: usize;
  /** `[batch, kvSeq]`, or 0. */
  mask: usize;
  /** Forward the value to be written, backward its gradient. */
  out: usize;
  /** A row's largest score and one over the sum of its powers, two values a query. */
  stats: usize;
  /** To be written backward: gradients of q, and of k and v for each query head apart. */
  dq: usize;
  dk: usize;
  dv: usize;
  heads: i32;
  kvHeads: i32;
  seq: i32;
  kvSeq: i32;
  headDim: i32;
  causal: i32;
  /** How many of the last keys a query sees, `kvSeq` for all. */
  window: i32;
  scale: f32;
  /** Queries that go through together. */
  block: i32;
  /** Memory to work in, and how much of it each thread has. */
  scratch: usize;
  scratchBytes: usize;
}

/** One head's matrices, and the thread's room to work in; strides in bytes. */
export class Head {
  @inline
  static keys(job: AttentionArgs, task: i32): usize {
    const batch = task / job.heads;
    const kvHead = (task % job.heads) / (job.heads / job.kvHeads);
    return <usize>(batch * job.kvHeads + kvHead) * <usize>job.kvSeq * Head.row(job);
  }

  @inline
  static row(job: AttentionArgs): usize {
    return (<usize>job.headDim) << 2;
  }

  /** Of a row of scores. */
  @inline
  static scoresRow(job: AttentionArgs): usize {
    return (<usize>(job.kvSeq + 7) & ~7) << 2;
  }

  /** How many keys the query at `index` sees, masked ones among them. */
  @inline
  static seen(job: AttentionArgs, index: i32): i32 {
    return job.causal ? index + 1 + job.kvSeq - job.seq : job.kvSeq;
  }

  /** How many keys from the first on are too far back for the query at `index`. */
  @inline
  static hidden(job: AttentionArgs, index: i32): i32 {
    return max(0, Head.seen(job, index) - job.window);
  }

  @inline
  static room(job: AttentionArgs, args: usize, own: usize): usize {
    return job.scratch + memberOf(args, own) * job.scratchBytes;
  }
}

/** Bytes at the start of a thread's room where a product inside a task has its arguments. */
export const PRODUCT: usize = 128;

/** `C = alpha A B` within a task, or that added to C; B in panels of `steps` steps. */
export function product(
  room: usize,
  own: usize,
  a: usize,
  aRow: usize,
  aStep: usize,
  b: usize,
  steps: i32,
  c: usize,
  cRow: usize,
  rows: i32,
  inner: i32,
  columns: i32,
  alpha: f32,
  accumulate: i32,
): void {
  const job = changetype<MultiplyArgs>(room);
  job.a = a;
  job.b = b;
  job.c = c;
  job.bias = 0;
  job.rows = rows;
  job.columns = columns;
  job.inner = inner;
  job.piece = 384;
  job.aRow = aRow;
  job.aStep = aStep;
  job.bStep = 32;
  job.bPanel = (<usize>steps) << 5;
  job.cRow = cRow;
  job.cColumn = 4;
  job.alpha = alpha;
  job.accumulate = accumulate;
  job.taskRows = rows;
  job.taskPanels = (columns + 7) >> 3;
  job.tasksDown = 1;
  job.tasksAcross = 1;
  job.inner2 = 0;
  multiply(room, 0, own);
}
