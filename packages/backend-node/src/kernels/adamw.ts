import type { AdamwArgs, AdamwResult, PlainKernel } from '@lowrank/core';
import { loadPrograms, type Run } from '../graph/load-programs.js';
import type { Formula, Value } from '../graph/formula.js';
import { program } from '../graph/program.js';

const numbers = ['beta1', 'rest1', 'beta2', 'rest2', 'rate', 'scale', 'epsilon', 'kept'] as const;

type Numbers = Record<(typeof numbers)[number], Value>;

/**
 * All parameters in one run of a program, which is written once for each number of them. `rate` and `scale` are
 * `learningRate / (1 - β₁ᵗ)` and `1 / (1 - β₂ᵗ)`, `kept` is `1 - learningRate · λ`; `rest1` and `rest2` are `1 - β`, whose
 * digits float32 would lose.
 */
export function adamw(): PlainKernel<AdamwArgs, AdamwResult> {
  const runs = new Map<number, Run>();
  return ({ parameters, gradients, m, v, learningRate, beta1, beta2, epsilon, weightDecay, step }) => {
    const count = parameters.length;
    if (count === 0) return undefined;
    const run = runs.get(count) ?? loadPrograms({ adamw: programFor(count) }).adamw;
    runs.set(count, run);
    const rate = learningRate / (1 - beta1 ** step);
    const scale = 1 / (1 - beta2 ** step);
    const kept = 1 - learningRate * weightDecay;
    const rates = [beta1, 1 - beta1, beta2, 1 - beta2, rate, scale, epsilon, kept];
    const updated = run(...parameters, ...gradients, ...m, ...v, ...rates);
    const [first, second, third] = [0, 1, 2].map((part) => updated.slice(part * count, (part + 1) * count));
    return { parameters: first, m: second, v: third } as AdamwResult;
  };
}

function programFor(count: number) {
  const lists = ['parameter', 'gradient', 'm', 'v'].map((name) => {
    return Array.from({ length: count }, (_, index) => `${name}${index}`);
  });
  return program([...lists.flat(), ...numbers], (f, inputs) => {
    const updates = Array.from({ length: count }, (_, index) => {
      const tensors = lists.map((names) => inputs[names[index] as string]) as [Value, Value, Value, Value];
      return updated(f, tensors, inputs as Numbers);
    });
    return [0, 1, 2].flatMap((part) => updates.map((update) => update[part] as Value));
  });
}

function updated(f: Formula, [parameter, gradient, m, v]: [Value, Value, Value, Value], numbers: Numbers): Value[] {
  const { beta1, rest1, beta2, rest2, rate, scale, epsilon, kept } = numbers;
  const mean = f.add(f.mul(m, beta1), f.mul(gradient, rest1));
  const squares = f.add(f.mul(v, beta2), f.mul(f.square(gradient), rest2));
  const change = f.div(f.mul(mean, rate), f.add(f.sqrt(f.mul(squares, scale)), epsilon));
  return [f.sub(f.mul(parameter, kept), change), mean, squares];
}
