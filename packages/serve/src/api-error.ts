import { LowrankError } from '@lowrank/core';

/**
 * What a request is refused with, in the shape that OpenAI's clients read. Where that is no fault of the client's, its
 * cause says what happened, for the operator alone: it may name paths.
 */
export class ApiError extends Error {
  constructor(
    readonly status: 400 | 401 | 403 | 404 | 413 | 415 | 429 | 500 | 503,
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ApiError';
  }

  get body() {
    const type = this.status < 500 ? 'invalid_request_error' : 'server_error';
    return { error: { message: this.message, type, param: null, code: this.code } };
  }
}

/** For a request that nobody waits for any more. */
export const cancelled = (): ApiError => new ApiError(503, 'cancelled', 'the client went away');

/** An error as a request's answer. One that nobody foresaw says no more than that, and has it as its cause. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (LowrankError.is(error, 'data-invalid') || LowrankError.is(error, 'config-invalid')) {
    return new ApiError(400, error.code, error.message);
  }
  if (LowrankError.is(error, 'adapter-busy')) {
    return new ApiError(429, 'overloaded', 'the adapters of running requests leave no room for this one');
  }
  // Nothing but clients is connected: one went away before all of its body was here.
  if ((error as NodeJS.ErrnoException | null)?.code === 'ECONNRESET') return cancelled();
  return new ApiError(500, 'internal_error', 'the server failed to answer', { cause: error });
}
