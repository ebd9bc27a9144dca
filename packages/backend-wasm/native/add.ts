import { beginOf, Elements, endOf } from './elements';

/** `out = x + y`. */
export function add(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  let at = beginOf(job, task);
  for (; at + 16 <= end; at += 16) v128.store(job.out + at, f32x4.add(v128.load(job.x + at), v128.load(job.y + at)));
  for (; at < end; at += 4) store<f32>(job.out + at, load<f32>(job.x + at) + load<f32>(job.y + at));
}
