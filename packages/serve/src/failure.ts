import type { ApiError } from './api-error.js';

/** A request that failed by no fault of the client's. */
export interface ServeFailure {
  /** What the client was told. */
  status: number;
  /** Such as `adapter_damaged`, or `internal_error` for what nobody foresaw. */
  code: string;
  message: string;
  /** What happened; it may name paths of this machine, which no client is told. */
  cause: unknown;
}

/** Is told of each failure. It must not throw. */
export type OnError = (failure: ServeFailure) => void;

/** Tells of an answer that has a cause; gives it back. */
export function told(answer: ApiError, onError: OnError | undefined): ApiError {
  const { status, code, message, cause } = answer;
  if (cause !== undefined) onError?.({ status, code, message, cause });
  return answer;
}
