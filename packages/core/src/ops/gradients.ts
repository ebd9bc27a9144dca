import { getGradient, registerGradient, type GradConfig } from '@tensorflow/tfjs-core';
import { arithmeticGradients } from './gradients/arithmetic.js';
import { reductionGradients } from './gradients/reduction.js';
import { shapeGradients } from './gradients/shape.js';
import { unaryGradients } from './gradients/unary.js';

/**
 * Gives tfjs-core the gradients of the stock ops that losses and models put between ours. Plain tfjs-core
 * has none in Node and cannot be made to import its own; where the whole of tfjs is loaded, its own stay.
 */
export function registerGradients(): void {
  const all: GradConfig[] = [...arithmeticGradients, ...reductionGradients, ...shapeGradients, ...unaryGradients];
  for (const gradient of all) {
    if (!getGradient(gradient.kernelName)) registerGradient(gradient);
  }
}
