/** Runs `work` with these variables set, then puts back what was there: no child process shall inherit them. */
export function withEnvironment<Result>(variables: Record<string, string | undefined>, work: () => Result): Result {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  Object.entries(variables).forEach(set);
  try {
    return work();
  } finally {
    before.forEach(set);
  }
}

function set([name, value]: readonly [string, string | undefined]): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
