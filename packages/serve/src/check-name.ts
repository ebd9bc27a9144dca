import type { Context } from 'hono';
import { ApiError } from './api-error.js';
import { namesLoopback } from './loopback.js';

/**
 * Throws an `ApiError` 403 for a request by a name that is not this machine's own. A web page whose name was made to lead
 * to 127.0.0.1 (DNS rebinding) is of the server's origin to a browser, and may send JSON and read answers; its name is
 * in `Host`.
 */
export function checkName(c: Context): void {
  const host = c.req.header('host') ?? '';
  if (namesLoopback(host)) return;
  throw new ApiError(
    403,
    'host_not_allowed',
    `Host "${host.slice(0, 128)}": without an API key only localhost, 127.0.0.1 and [::1] are answered, so that no web page reaches this server; ask by one of these, or start it with an API key`,
  );
}
