import { classScores } from '@lowrank/trainer';
import { meanPool } from '@lowrank/models';
import {
  add,
  argMax,
  concat,
  losses,
  matMul,
  oneHot,
  tensor1d,
  tensor2d,
  tidy,
  train,
  variable,
  zeros,
} from '@tensorflow/tfjs-core';

/** Logistic regression on the frozen model's mean-pooled states: what its features tell without any training of it. */
export async function probe(model, learned, heldOut) {
  const from = featuresOf(model, learned);
  const to = featuresOf(model, heldOut);
  const [weight, bias] = [variable(zeros([model.config.hiddenSize, 2])), variable(zeros([2]))];
  const optimizer = train.adam(0.01);
  const logits = (features) => add(matMul(features, weight), bias);
  const truth = tidy(() => oneHot(tensor1d(from.labels, 'int32'), 2));
  for (let step = 0; step < 1000; step++) {
    optimizer.minimize(() => losses.softmaxCrossEntropy(truth, logits(from.features)), false, [weight, bias]);
  }
  const predicted = tidy(() => argMax(logits(to.features), 1));
  const scores = classScores(await predicted.data(), to.labels);
  for (const one of [predicted, truth, weight, bias, from.features, to.features]) one.dispose();
  optimizer.dispose();
  return scores;
}

function featuresOf(model, batches) {
  const parts = Array.from({ length: batches.batchesPerEpoch }, (_, index) => {
    const { ids, mask, types, labels, batch, seq } = batches.at(index);
    const features = tidy(() => {
      const input = { ids: tensor2d(ids, [batch, seq], 'int32'), mask: tensor2d(mask, [batch, seq]) };
      return meanPool(model.forward({ ...input, types: tensor2d(types, [batch, seq], 'int32') }), input.mask);
    });
    return { features, labels };
  });
  const features = tidy(() => concat(parts.map((part) => part.features)));
  for (const part of parts) part.features.dispose();
  return { features, labels: parts.flatMap(({ labels }) => [...labels]) };
}
