import { LowrankError, nearest } from '@lowrank/core';

/** What of a repository lowrank needs. */
export interface Choice {
  /** Paths, weights last. */
  paths: string[];
  /** The index among them whose shards come on top. */
  index?: string;
  /** The file to load where the model is one `.gguf`. */
  gguf?: string;
}

const companions = [
  'config.json',
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'chat_template.jinja',
  'adapter_config.json',
  'classes.json',
];
const single = 'model.safetensors';
const index = `${single}.index.json`;
const adapter = 'adapter_model.safetensors';

/**
 * The files of a repository that make a model, or an adapter, of lowrank: configuration, tokenizer, and weights as
 * safetensors or as a `.gguf`. Never a pickle, which can run code as it is read. Throws `file-missing`.
 *
 * @param repo what messages call the repository
 * @param there paths of all its files
 * @param file the one `.gguf` that is wanted
 */
export function chooseFiles(repo: string, there: Iterable<string>, file?: string): Choice {
  const names = new Set(there);
  const small = companions.filter((name) => names.has(name));
  if (file !== undefined) {
    if (!names.has(file)) throw absent(repo, file, names);
    return { paths: [...small, file], gguf: file };
  }
  const adapters = names.has('adapter_config.json') && names.has(adapter) ? [adapter] : [];
  if (names.has(single)) return { paths: [...small, ...adapters, single] };
  if (names.has(index)) return { paths: [...small, ...adapters, index], index };
  if (adapters.length > 0) return { paths: [...small, ...adapters] };
  const ggufs = [...names].filter((name) => name.endsWith('.gguf'));
  if (ggufs.length === 1) return { paths: [...small, ggufs[0] as string], gguf: ggufs[0] as string };
  throw withoutWeights(repo, names, ggufs);
}

/** `file-missing` for a file that a repository lacks. */
export function absent(repo: string, file: string, names: Iterable<string>): LowrankError {
  const near = nearest(file, names);
  return new LowrankError('file-missing', {
    given: `${repo}/${file}`,
    rule: 'the repository has no such file',
    fix: near.length > 0 ? `nearest there: ${near.join(', ')}` : 'check the name',
  });
}

function withoutWeights(repo: string, names: Set<string>, ggufs: string[]): LowrankError {
  const refused = (rule: string, fix: string) => new LowrankError('file-missing', { given: repo, rule, fix });
  if (ggufs.length > 1) {
    const some = ggufs.slice(0, 8).join(', ') + (ggufs.length > 8 ? ', …' : '');
    return refused(`it holds ${ggufs.length} .gguf files: ${some}`, `name one, as ${repo}/${ggufs[0]}`);
  }
  const pickle = [...names].find((name) => /\.(bin|pt|pth|ckpt)$/.test(name));
  if (pickle !== undefined) {
    return refused(
      `its weights are a pickle (${pickle}), which can run code when it is read`,
      'take a revision or a repository that has them as safetensors',
    );
  }
  return refused(
    `it has none of ${single}, ${index}, ${adapter} or a .gguf file`,
    'take a repository that holds the weights of a model or of an adapter',
  );
}
