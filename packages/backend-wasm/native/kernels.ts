import { adamw } from './adamw';
import { add } from './add';
import { addGroups } from './add-groups';
import { attention } from './attention';
import { attentionGradient } from './attention-gradient';
import { crossEntropyGradient, normalisers } from './cross-entropy';
import { dequantise } from './dequantise';
import { exponential } from './exponential';
import { gelu, geluGradient, geluTanh, geluTanhGradient } from './gelu';
import { multiply } from './multiply';
import { norm, normGradient } from './norm';
import { pack } from './pack';
import { rotary } from './rotary';
import { softmax } from './softmax';
import { swiglu, swigluGradient } from './swiglu';
import { unpack } from './unpack';

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
    case 8:
      return geluTanh(args, task);
    case 9:
      return geluTanhGradient(args, task);
    case 10:
      return swiglu(args, task);
    case 11:
      return swigluGradient(args, task);
    case 12:
      return norm(args, task);
    case 13:
      return normGradient(args, task);
    case 14:
      return normalisers(args, task);
    case 15:
      return crossEntropyGradient(args, task);
    case 16:
      return rotary(args, task);
    case 17:
      return adamw(args, task);
    case 18:
      return attention(args, task, own);
    case 19:
      return attentionGradient(args, task, own);
    case 20:
      return addGroups(args, task);
    case 21:
      return unpack(args, task, own);
    case 22:
      return dequantise(args, task, own);
  }
}
