import { beginOf, countAt, Elements, endOf } from './elements';
import { Some } from './lanes';

/** `out = x + y`. */
export function add(args: usize, task: i32): void {
  const job = changetype<Elements>(args);
  const end = endOf(job, task);
  for (let at = beginOf(job, task); at < end; at += 16) {
    const count = countAt(at, end);
    Some.store(job.out + at, f32x4.add(Some.load(job.x + at, count), Some.load(job.y + at, count)), count);
  }
}
