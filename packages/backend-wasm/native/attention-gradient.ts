import { hide, penalise } from './attention';
import { AttentionArgs, Head, product, PRODUCT } from './attention-args';
import { countAt } from './elements';
import { exp } from './exp';
import { Lanes } from './fused';
import { Some, sumOf } from './lanes';
import { packPanels } from './pack';

/**
 * One head's gradients. With the weights P made again: `dP = dO vᵀ`, `dS = P (dP - Σ P dP)`, `dq = scale dS k`,
 * `dk = scale dSᵀ q`, `dv = Pᵀ dO`. The last queries, which see every key, come first and write what others add to.
 */
export function attentionGradient(args: usize, task: i32, own: usize): void {
  const job = changetype<AttentionArgs>(args);
  const row = Head.row(job);
  const scoresRow = Head.scoresRow(job);
  const keys = Head.keys(job, task);
  const room = Head.room(job, args, own);
  const wide = (<usize>(job.headDim + 7) & ~7) << 2;
  const keyPanels = room + PRODUCT;
  const valuePanels = keyPanels + scoresRow * <usize>job.headDim;
  const keysAcross = valuePanels + scoresRow * <usize>job.headDim;
  const panels = keysAcross + <usize>job.kvSeq * wide;
  const weights = panels + <usize>job.block * wide;
  const slopes = weights + <usize>job.block * scoresRow;
  packPanels(job.k + keys, keyPanels, job.kvSeq, job.headDim, 4, row);
  packPanels(job.v + keys, valuePanels, job.kvSeq, job.headDim, 4, row);
  packPanels(job.k + keys, keysAcross, job.headDim, job.kvSeq, row, 4);

  const ofHead = <usize>task * <usize>job.kvSeq * row;
  const mask = job.mask ? job.mask + ((<usize>((task / job.heads) * job.kvSeq)) << 2) : 0;
  for (let end = job.seq; end > 0; end -= job.block) {
    const rows = min(job.block, end);
    const first = end - rows;
    const seen = Head.seen(job, end - 1);
    const more = <i32>(end !== job.seq);
    const query = <usize>(task * job.seq + first);
    const q = job.q + query * row;
    const dOut = job.out + query * row;
    product(room, own, q, row, 4, keyPanels, job.headDim, weights, scoresRow, rows, job.headDim, seen, job.scale, 0);
    product(room, own, dOut, row, 4, valuePanels, job.headDim, slopes, scoresRow, rows, job.headDim, seen, 1, 0);
    for (let index = 0; index < rows; index++) {
      const bytes = (<usize>Head.seen(job, first + index)) << 2;
      const p = weights + <usize>index * scoresRow;
      if (mask) penalise(p, mask, bytes);
      hide(p, Head.hidden(job, first + index));
      slopesOfRow(p, slopes + <usize>index * scoresRow, bytes, job.stats + ((query + <usize>index) << 3));
      const rest = ((<usize>seen) << 2) - bytes;
      memory.fill(p + bytes, 0, rest);
      memory.fill(slopes + <usize>index * scoresRow + bytes, 0, rest);
    }
    product(
      room,
      own,
      slopes,
      scoresRow,
      4,
      keysAcross,
      job.kvSeq,
      job.dq + query * row,
      row,
      rows,
      seen,
      job.headDim,
      job.scale,
      0,
    );
    packPanels(dOut, panels, job.headDim, rows, row, 4);
    product(room, own, weights, 4, scoresRow, panels, rows, job.dv + ofHead, row, seen, rows, job.headDim, 1, more);
    packPanels(q, panels, job.headDim, rows, row, 4);
    product(
      room,
      own,
      slopes,
      4,
      scoresRow,
      panels,
      rows,
      job.dk + ofHead,
      row,
      seen,
      rows,
      job.headDim,
      job.scale,
      more,
    );
  }
}

/** Makes scores into weights, `p = e^(s - most) share`, and their gradients into those of the scores, `p (dp - Σ p dp)`. */
function slopesOfRow(p: usize, dp: usize, bytes: usize, stats: usize): void {
  const most = f32x4.splat(load<f32>(stats));
  const share = f32x4.splat(load<f32>(stats, 4));
  let sums = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = countAt(at, bytes);
    const weight = f32x4.mul(exp(f32x4.sub(Some.load(p + at, count), most)), share);
    sums = Lanes.madd(Some.keep(weight, count), Some.load(dp + at, count), sums);
    Some.store(p + at, weight, count);
  }
  const mean = f32x4.splat(sumOf(sums));
  for (let at: usize = 0; at < bytes; at += 16) {
    const count = countAt(at, bytes);
    const slope = f32x4.mul(Some.load(p + at, count), f32x4.sub(Some.load(dp + at, count), mean));
    Some.store(dp + at, slope, count);
  }
}
