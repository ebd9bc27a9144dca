import { LowrankError } from '@lowrank/core/plan';
import { isSafePath } from './safe-path.js';

/** A model on the hub, as a person names it. */
export interface ModelId {
  /** `owner/name` */
  repo: string;
  /** A branch, a tag or a commit's 40 hexadecimal digits; undefined for the main branch. */
  revision?: string;
  /** One file of it, a `.gguf`. */
  file?: string;
}

/**
 * Reads `owner/name`, `owner/name@revision`, `owner/name/file.gguf` or `owner/name/file.gguf@revision`.
 * Throws `config-invalid`.
 */
export function modelId(text: string): ModelId {
  const at = text.indexOf('@');
  const path = at < 0 ? text : text.slice(0, at);
  const [owner = '', name = '', ...rest] = path.split('/');
  const repo = `${owner}/${name}`;
  if (!isPart(owner) || !isPart(name) || repo.length > 96) throw wrong(text, idRule);
  const revision = at < 0 ? undefined : text.slice(at + 1);
  if (revision !== undefined && !isRevision(revision))
    throw wrong(text, 'the part after @ is no branch, tag or commit');
  const file = rest.length > 0 ? rest.join('/') : undefined;
  if (file !== undefined && (!/^[^:*?"<>|]+\.gguf$/.test(file) || !isSafePath(file))) {
    throw wrong(text, `what follows ${repo}/ must be the path of a .gguf file`);
  }
  return { repo, ...(revision !== undefined && { revision }), ...(file !== undefined && { file }) };
}

/** Whether `text` can only be read as a model on the hub: `modelId` takes it. */
export function isModelId(text: string): boolean {
  try {
    modelId(text);
    return true;
  } catch (error) {
    if (LowrankError.is(error)) return false;
    throw error;
  }
}

const idRule = 'a model on the hub is owner/name of letters, digits, "-", "_" and ".", 96 characters at most';

/** Whether git could call a branch, tag or commit so. */
export function isRevision(text: string): boolean {
  return isSafePath(text) && /^[\w./+=-]+$/.test(text);
}

/** The hub allows neither `--`, which a cache's folders put for `/`, nor `..`. */
function isPart(part: string): boolean {
  return /^\w(?:[\w.-]*\w)?$/.test(part) && !part.includes('--') && !part.includes('..');
}

function wrong(text: string, rule: string): LowrankError {
  const fix = 'write owner/name, owner/name@revision or owner/name/file.gguf';
  return new LowrankError('config-invalid', { given: JSON.stringify(text), rule, fix });
}
