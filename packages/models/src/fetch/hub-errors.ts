import { LowrankError } from '@lowrank/core';

/** Says what the hub's answer means to someone who asked for a model. */
export function refusal(response: Response, repo: string, hasToken: boolean): LowrankError {
  const { status } = response;
  const code = response.headers.get('x-error-code') ?? '';
  const given = `${repo} (${status}${code && ` ${code}`} from ${new URL(response.url).host})`;
  const refused = (rule: string, fix: string) => new LowrankError('hub-refused', { given, rule, fix });
  if (status === 416) {
    const rule = 'the file is shorter than the hub lists, or cannot be read from its middle';
    return new LowrankError('file-invalid', { given, rule, fix: 'try again: it is then read from its start' });
  }
  if (code === 'RevisionNotFound') {
    return refused('the repository has no such branch, tag or commit', 'check the part after @');
  }
  if (code === 'EntryNotFound') return refused('the repository has no such file', 'check the name of the file');
  if (code === 'GatedRepo') {
    return refused('the model is gated: its owners must let you in', `${askAccess(repo)}, then ${giveToken(hasToken)}`);
  }
  if (status === 401 || status === 403) {
    return refused('there is no such model, or it is not yours to read', `check the id, then ${giveToken(hasToken)}`);
  }
  if (status === 404) return refused('there is no such model', 'check the id: owner/name, as in its page on the hub');
  return refused('the hub does not take the request', 'check the endpoint and the id');
}

function askAccess(repo: string): string {
  return `ask for access on https://huggingface.co/${repo}`;
}

function giveToken(hasToken: boolean): string {
  return hasToken ? 'give a token that may read it: yours may not' : 'give a token: set HF_TOKEN, or pass `token`';
}

/** Says that the hub gave no answer, or none that helps. */
export function unreachable(endpoint: string, cause: unknown): LowrankError {
  return new LowrankError('hub-unreachable', {
    given: endpoint,
    rule: `it cannot be reached, or fails (${reasonOf(cause)})`,
    fix: 'check the network and try again: what was fetched so far is kept',
    cause,
  });
}

/** Fetch says only "fetch failed": the reason lies below. */
function reasonOf(cause: unknown): string {
  const inner = (cause as { cause?: unknown } | null)?.cause;
  const error = inner instanceof Error ? inner : cause;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && code) return code;
  return error instanceof Error ? error.message : String(error);
}
