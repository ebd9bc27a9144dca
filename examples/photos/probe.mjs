import { add, argMax, equal, losses, matMul, mean, mul, square, sum, tidy, train, variable, zeros } from '@tensorflow/tfjs-core';

/**
 * Logistic regression on features, of several strengths of L2 the one that is best on what is held out: more than the
 * adapter is given.
 */
export function probe(learned, heldOut) {
  const fits = [0, 1e-5, 1e-4, 1e-3].map((decay) => fit(learned, heldOut, decay));
  const best = fits.reduce((left, right) => (right.accuracy > left.accuracy ? right : left));
  for (const each of fits) if (each !== best) each.dispose();
  return best;
}

function fit({ features, y }, heldOut, decay) {
  const [kernel, bias] = [variable(zeros([features.shape[1], y.shape[1]])), variable(zeros([y.shape[1]]))];
  const optimizer = train.adam(0.01);
  const logits = (x) => add(matMul(x, kernel), bias);
  const loss = () => add(losses.softmaxCrossEntropy(y, logits(features)), mul(sum(square(kernel)), decay));
  for (let step = 0; step < 500; step++) optimizer.minimize(loss, false, [kernel, bias]);
  optimizer.dispose();
  return {
    kernel,
    bias,
    decay,
    accuracy: tidy(() => accuracyOf(logits(heldOut.features), heldOut.labels)),
    dispose: () => [kernel, bias].forEach((each) => each.dispose()),
  };
}

/** The share of rows whose highest score is that of their label. */
export function accuracyOf(scores, labels) {
  return tidy(() => mean(equal(argMax(scores, 1), labels)).dataSync()[0]);
}
