import { LowrankError } from '@lowrank/core';
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname, join } from 'node:path';

export type Kind = 'peft' | 'mlx' | 'gguf' | 'safetensors' | 'model';

/** What a path is, by its name and what lies in it. Throws `file-missing`, or `file-invalid` for a pickle or another file. */
export async function kindOf(path: string): Promise<Kind> {
  const there = await stat(path).catch(() => undefined);
  if (!there) throw refused('file-missing', path, 'there is no such file or folder', 'check the path');
  return there.isDirectory() ? kindOfFolder(path) : kindOfFile(path);
}

function kindOfFolder(folder: string): Kind {
  const has = (file: string) => existsSync(join(folder, file));
  if (has('adapters.safetensors')) return 'mlx';
  if (['adapter_config.json', 'adapter_model.safetensors', 'adapter_model.bin'].some(has)) return 'peft';
  const weights = has('model.safetensors') || has('model.safetensors.index.json');
  const pickle = ['pytorch_model.bin', 'pytorch_model.bin.index.json'].find(has);
  if (pickle && !weights) throw pickled(join(folder, pickle));
  if (has('config.json')) return 'model';
  throw refused(
    'file-missing',
    folder,
    'it holds neither adapter_config.json nor config.json',
    'give the folder of an adapter or of a model',
  );
}

function kindOfFile(path: string): Kind {
  const extension = extname(path);
  if (extension === '.gguf') return 'gguf';
  if (extension === '.safetensors') return 'safetensors';
  if (['.bin', '.pt', '.pth', '.ckpt', '.pkl'].includes(extension)) throw pickled(path);
  throw refused('file-invalid', path, 'it is neither .safetensors nor .gguf', 'give a file or folder of these kinds');
}

function pickled(path: string): LowrankError {
  return refused(
    'file-invalid',
    path,
    'it is a pickle, which can run code when it is read',
    'save it again as safetensors (safe_serialization=True)',
  );
}

function refused(code: 'file-missing' | 'file-invalid', given: string, rule: string, fix: string): LowrankError {
  return new LowrankError(code, { given: `"${given}"`, rule, fix });
}
