import { countAt } from './elements';
import { Some } from './lanes';

/** What a job of updates reads, in the order in which src/kernels/adamw.ts writes it. */
@unmanaged
class AdamwArgs {
  /** A `Piece` a task. */
  table: usize;
  kept: f32;
  rate: f32;
  unbias: f32;
  epsilon: f32;
  beta1: f32;
  fresh1: f32;
  beta2: f32;
  fresh2: f32;
}

/** Values of one parameter that lie together; addresses, and how many bytes. */
@unmanaged
class Piece {
  parameter: usize;
  gradient: usize;
  m: usize;
  v: usize;
  newParameter: usize;
  newM: usize;
  newV: usize;
  bytes: usize;
}

/** `m = β₁ m + (1 - β₁) g`, `v = β₂ v + (1 - β₂) g²`, `p = p kept - m rate / (√(v unbias) + ε)`. */
export function adamw(args: usize, task: i32): void {
  const job = changetype<AdamwArgs>(args);
  const piece = changetype<Piece>(job.table + ((<usize>task) << 5));
  for (let at: usize = 0; at < piece.bytes; at += 16) {
    const count = countAt(at, piece.bytes);
    const g = Some.load(piece.gradient + at, count);
    const oldM = f32x4.mul(Some.load(piece.m + at, count), f32x4.splat(job.beta1));
    const oldV = f32x4.mul(Some.load(piece.v + at, count), f32x4.splat(job.beta2));
    const m = f32x4.add(oldM, f32x4.mul(g, f32x4.splat(job.fresh1)));
    const v = f32x4.add(oldV, f32x4.mul(f32x4.mul(g, g), f32x4.splat(job.fresh2)));
    const spread = f32x4.add(f32x4.sqrt(f32x4.mul(v, f32x4.splat(job.unbias))), f32x4.splat(job.epsilon));
    const step = f32x4.div(f32x4.mul(m, f32x4.splat(job.rate)), spread);
    const kept = f32x4.mul(Some.load(piece.parameter + at, count), f32x4.splat(job.kept));
    Some.store(piece.newM + at, m, count);
    Some.store(piece.newV + at, v, count);
    Some.store(piece.newParameter + at, f32x4.sub(kept, step), count);
  }
}
