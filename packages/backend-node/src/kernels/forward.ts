import { engine, type Tensor } from '@tensorflow/tfjs-core';
import type { Run } from '../graph/load-programs.js';

/** What the program of a forward pass gives: with what a gradient reads where one may be asked for, else the value alone. */
export function forward(run: Run, ...inputs: Parameters<Run>): [Tensor, ...Tensor[]] {
  const learning = engine().state.gradientDepth > 0;
  return (learning ? run : run.first)(...inputs) as [Tensor, ...Tensor[]];
}
