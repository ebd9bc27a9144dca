import { add } from './add';
import { exponential } from './exponential';
import { gelu, geluGradient } from './gelu';
import { multiply } from './multiply';
import { pack } from './pack';
import { softmax } from './softmax';

/**
 * One task of a job, with 512 bytes of the thread's own to work in. Numbers as in src/native/kernel-numbers.ts; 0 does
 * nothing, which is how long a job takes by itself.
 */
export function run(kernel: i32, args: usize, task: i32, own: usize): void {
  switch (kernel) {
    case 1:
      return pack(args, task);
    case 2:
      return multiply(args, task, own);
    case 3:
      return add(args, task);
    case 4:
      return gelu(args, task);
    case 5:
      return softmax(args, task);
    case 6:
      return geluGradient(args, task);
    case 7:
      return exponential(args, task);
  }
}
