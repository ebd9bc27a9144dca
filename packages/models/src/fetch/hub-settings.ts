import { LowrankError } from '@lowrank/core';
import { nodeModules } from './node-modules.js';

/** How the hub is reached, and what may be asked of it. */
export interface HubSettings {
  /** Such as `https://huggingface.co`, without a slash at its end. */
  endpoint: string;
  token?: string;
  /** Whether nothing is to be asked of the hub at all. */
  offline: boolean;
  /** Where a cache lies on the disk; undefined in a browser. */
  cacheDir?: string;
}

export interface HubSettingsInput {
  endpoint?: string | undefined;
  token?: string | undefined;
  offline?: boolean | undefined;
  cacheDir?: string | undefined;
}

/**
 * What the caller says, or what Python's `huggingface_hub` would take from the environment: `HF_ENDPOINT`, `HF_TOKEN`
 * or the token file, `HF_HUB_OFFLINE`, `HF_HUB_CACHE` or `HF_HOME`. Throws `config-invalid`.
 */
export function hubSettings(input: HubSettingsInput): HubSettings {
  const env = globalThis.process?.env ?? {};
  const home = hubHome(env);
  const token = input.token ?? env['HF_TOKEN'] ?? env['HUGGING_FACE_HUB_TOKEN'] ?? storedToken(env, home);
  const cacheDir = input.cacheDir ?? env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? (home && `${home}/hub`);
  return {
    endpoint: checkedEndpoint(input.endpoint ?? env['HF_ENDPOINT'] ?? 'https://huggingface.co'),
    offline: input.offline ?? (isTrue(env['HF_HUB_OFFLINE']) || isTrue(env['TRANSFORMERS_OFFLINE'])),
    ...(token?.trim() && { token: checkedToken(token.trim()) }),
    ...(cacheDir && { cacheDir: expanded(cacheDir) }),
  };
}

type Environment = Record<string, string | undefined>;

function hubHome(env: Environment): string | undefined {
  if (!nodeModules()) return undefined;
  return expanded(env['HF_HOME'] ?? `${env['XDG_CACHE_HOME'] ?? '~/.cache'}/huggingface`);
}

function expanded(path: string): string {
  const node = nodeModules();
  return node && /^~(?=$|[\\/])/.test(path) ? node.os.homedir() + path.slice(1) : path;
}

function storedToken(env: Environment, home: string | undefined): string | undefined {
  const node = nodeModules();
  if (!node || home === undefined || isTrue(env['HF_HUB_DISABLE_IMPLICIT_TOKEN'])) return undefined;
  try {
    return node.fsSync.readFileSync(env['HF_TOKEN_PATH'] ?? `${home}/token`, 'utf8');
  } catch {
    return undefined;
  }
}

function isTrue(value: string | undefined): boolean {
  return ['1', 'ON', 'YES', 'TRUE'].includes((value ?? '').toUpperCase());
}

function checkedEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return endpoint.replace(/\/+$/, '');
  throw new LowrankError('config-invalid', {
    given: `the hub's endpoint ${JSON.stringify(endpoint)}`,
    rule: 'it is no http or https address',
    fix: 'give one such as https://huggingface.co, or unset HF_ENDPOINT',
  });
}

/** A token in messages would be a token in logs: it is never shown. */
function checkedToken(token: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new LowrankError('config-invalid', {
    given: "the hub's token",
    rule: 'it holds spaces, line ends or letters that no token has',
    fix: 'copy it again from huggingface.co/settings/tokens',
  });
}
