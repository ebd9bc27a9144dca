import { LowrankError } from '@lowrank/core';
import type { ByteSource } from '@lowrank/formats';
import { ggufFolder, type ModelFolder } from '@lowrank/models';

/** Files that a visitor picked from the disk as the folder they lay in; a lone `.gguf` as the folder that it stands for. */
export function pickedFolder(name: string, files: File[]): ModelFolder {
  const folder: ModelFolder = {
    name,
    open: async (file) => {
      const found = files.find((each) => each.name === file);
      return found && sourceOf(found);
    },
  };
  const gguf = files.find((file) => file.name.toLowerCase().endsWith('.gguf'));
  const whole = files.some((file) => file.name === 'config.json');
  return gguf && !whole ? ggufFolder(gguf.name, folder) : folder;
}

function sourceOf(file: File): ByteSource {
  return {
    name: file.name,
    size: file.size,
    async read(offset, length) {
      const bytes = await file
        .slice(offset, offset + length)
        .arrayBuffer()
        .catch((cause: unknown) => {
          throw unreadable(file.name, 'the browser cannot read it any more', cause);
        });
      if (bytes.byteLength === length) return new Uint8Array(bytes);
      throw unreadable(file.name, `it ends at byte ${file.size}, before byte ${offset + length}`);
    },
    async close() {},
  };
}

function unreadable(given: string, rule: string, cause?: unknown): LowrankError {
  return new LowrankError('file-invalid', { given, rule, fix: 'pick the files again', cause });
}
