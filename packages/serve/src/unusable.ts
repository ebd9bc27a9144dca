import { LowrankError, type ErrorCode } from '@lowrank/core';
import { ApiError } from './api-error.js';

type Answer = [status: 404 | 500, code: string, rule: string, fix: string];

const missing: Answer = [404, 'adapter_not_found', 'its files are not all there', 'they have to be put back'];
const damaged: Answer = [
  500,
  'adapter_damaged',
  'its files are damaged, or cannot be read',
  'they have to be replaced',
];
const foreign: Answer = [
  500,
  'adapter_mismatch',
  'its tensors do not fit this base, or its own config',
  'it has to be served on the base that it was trained on',
];
const unsupported: Answer = [
  500,
  'adapter_unsupported',
  'it asks for what this server does not do',
  'it has to be saved in another way',
];

const answers: Partial<Record<ErrorCode, Answer>> = {
  'file-missing': missing,
  'file-invalid': damaged,
  'config-invalid': damaged,
  'not-finite': damaged,
  'adapter-mismatch': foreign,
  'target-not-found': foreign,
  'config-unsupported': unsupported,
};

/**
 * What a request is told whose adapter could not be loaded: which adapter, and what is wrong. The error itself, which
 * names paths of this machine, is the answer's cause. Anything else comes back as it is.
 */
export function unusable(name: string, error: unknown): unknown {
  const known = LowrankError.is(error) ? answers[error.code] : undefined;
  if (!known) return error;
  const [status, code, rule, fix] = known;
  return new ApiError(status, code, `adapter "${name}": ${rule}; ${fix}`, { cause: error });
}
