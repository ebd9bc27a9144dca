import type { BackendChoice } from '../inputs/backend-names.js';
import { prepareClassifier } from './prepare-classifier.js';
import { prepareLanguage } from './prepare-language.js';
import type { Prepared } from './prepared.js';
import type { RunOptions } from './run-options.js';

/** Loads what a run needs; on failure nothing stays loaded. The caller disposes the model. */
export function prepare(options: RunOptions, backend: BackendChoice, about: { json: boolean }): Promise<Prepared> {
  const { task, ...rest } = options;
  const from = { ...rest, ...about, backend };
  switch (task) {
    case 'generate':
      return prepareLanguage(from);
    case 'classify':
      return prepareClassifier(from);
    default:
      return task satisfies never;
  }
}
