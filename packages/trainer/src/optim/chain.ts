import type { GradientTransform, Optimizer } from './optimizer.js';

/** An optimiser that reads what each transform in turn makes of the gradients. */
export function chain(...parts: [...GradientTransform[], Optimizer]): Optimizer {
  const optimizer = parts.at(-1) as Optimizer;
  const transforms = parts.slice(0, -1) as GradientTransform[];
  return {
    init: (parameters) => optimizer.init(parameters),
    update: (gradients, state, context) => {
      const changed = transforms.reduce((now, transform) => transform(now, context), gradients);
      return optimizer.update(changed, state, context);
    },
  };
}
