import { AttentionArgs, Head, product, PRODUCT } from './attention-args';
import { countAt } from './elements';
import { Lanes } from './fused';
import { Some } from './lanes';
import { packPanels } from './pack';
import { mostOfRow, powersOfRow, scaleRow } from './row-powers';

/** One head's `softmax(scale q kᵀ) v`, some queries at a time; what it keeps of a query are two numbers. */
export function attention(args: usize, task: i32, own: usize): void {
  const job = changetype<AttentionArgs>(args);
  const row = Head.row(job);
  const scoresRow = Head.scoresRow(job);
  const keys = Head.keys(job, task);
  const room = Head.room(job, args, own);
  const keyPanels = room + PRODUCT;
  const valuePanels = keyPanels + scoresRow * <usize>job.headDim;
  const scores = valuePanels + <usize>job.kvSeq * ((<usize>(job.headDim + 7) & ~7) << 2);
  packPanels(job.k + keys, keyPanels, job.kvSeq, job.headDim, 4, row);
  packPanels(job.v + keys, valuePanels, job.headDim, job.kvSeq, row, 4);

  for (let first = 0; first < job.seq; first += job.block) {
    const rows = min(job.block, job.seq - first);
    const seen = Head.seen(job, first + rows - 1);
    const query = <usize>(task * job.seq + first);
    const q = job.q + query * row;
    product(room, own, q, row, 4, keyPanels, job.headDim, scores, scoresRow, rows, job.headDim, seen, job.scale, 0);
    for (let index = 0; index < rows; index++) {
      const bytes = (<usize>Head.seen(job, first + index)) << 2;
      const x = scores + <usize>index * scoresRow;
      if (job.mask) penalise(x, job.mask + ((<usize>((task / job.heads) * job.kvSeq)) << 2), bytes);
      hide(x, Head.hidden(job, first + index));
      const most = mostOfRow(x, bytes);
      const share: f32 = 1 / powersOfRow(x, x, bytes, most);
      scaleRow(x, bytes, share);
      memory.fill(x + bytes, 0, ((<usize>seen) << 2) - bytes);
      const stats = job.stats + ((query + <usize>index) << 3);
      store<f32>(stats, most);
      store<f32>(stats, share, 4);
    }
    product(
      room,
      own,
      scores,
      scoresRow,
      4,
      valuePanels,
      job.kvSeq,
      job.out + query * row,
      row,
      rows,
      seen,
      job.headDim,
      1,
      0,
    );
  }
}

/** Gives the first scores of a row what a key that is not there has. */
export function hide(x: usize, count: i32): void {
  for (let index = 0; index < count; index++) store<f32>(x + ((<usize>index) << 2), -1e9);
}

/** Takes 1e9 from the scores of keys that are not there: `x += (mask - 1) 1e9`. */
export function penalise(x: usize, mask: usize, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = countAt(at, bytes);
    const lack = f32x4.sub(Some.load(mask + at, count), f32x4.splat(1));
    Some.store(x + at, Lanes.madd(lack, f32x4.splat(1e9), Some.load(x + at, count)), count);
  }
}
