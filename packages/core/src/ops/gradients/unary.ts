import {
  cast,
  div,
  exp,
  greater,
  mul,
  neg,
  scalar,
  square,
  sub,
  type GradConfig,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** A gradient `dy · slope(x)`. */
function fromInput(kernelName: string, slope: (x: Tensor) => Tensor): GradConfig {
  return {
    kernelName,
    inputsToSave: ['x'],
    gradFunc: (dy, saved) => ({ x: () => mul(dy as Tensor, slope(saved[0] as Tensor)) }),
  };
}

/** A gradient `dy · slope(y)`, cheaper where the output says it all. */
function fromOutput(kernelName: string, slope: (y: Tensor) => Tensor): GradConfig {
  return {
    kernelName,
    outputsToSave: [true],
    gradFunc: (dy, saved) => ({ x: () => mul(dy as Tensor, slope(saved[0] as Tensor)) }),
  };
}

export const unaryGradients: GradConfig[] = [
  { kernelName: 'Neg', gradFunc: (dy) => ({ x: () => neg(dy as Tensor) }) },
  fromOutput('Exp', (y) => y),
  fromInput('Log', (x) => div(scalar(1), x)),
  fromOutput('Sqrt', (y) => div(scalar(0.5), y)),
  fromOutput('Rsqrt', (y) => mul(mul(square(y), y), -0.5)),
  fromInput('Square', (x) => mul(x, 2)),
  fromInput('Relu', (x) => cast(greater(x, 0), 'float32')),
  fromOutput('Sigmoid', (y) => mul(y, sub(scalar(1), y))),
  fromOutput('Tanh', (y) => sub(scalar(1), square(y))),
  // 2 / sqrt(pi) is the derivative of erf at 0.
  fromInput('Erf', (x) => mul(exp(neg(square(x))), 2 / Math.sqrt(Math.PI))),
];
