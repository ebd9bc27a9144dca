import { LowrankError } from '@lowrank/core';

/** What a request is refused with, in the shape that OpenAI's clients read. */
export class ApiError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 413 | 415 | 429 | 500 | 503,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  get body() {
    const type = this.status < 500 ? 'invalid_request_error' : 'server_error';
    return { error: { message: this.message, type, param: null, code: this.code } };
  }
}

/** An error as a request's answer; what is not the client's fault says no more than that. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (LowrankError.is(error, 'data-invalid') || LowrankError.is(error, 'config-invalid')) {
    return new ApiError(400, error.code, error.message);
  }
  if (LowrankError.is(error, 'adapter-busy')) {
    return new ApiError(429, 'overloaded', 'the adapters of running requests leave no room for this one');
  }
  return new ApiError(500, 'internal_error', 'the server failed to answer');
}
