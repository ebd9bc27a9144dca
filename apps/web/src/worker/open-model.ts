import { fetchModel, ggufFolder, type ModelFolder } from '@lowrank/models';
import type { ModelChoice, Report } from '../messages.js';
import { embeddedModel } from './embedded-model.js';
import { pickedFolder } from './picked-folder.js';

/** The folder of the model that was chosen; one of the hub is brought into the browser's cache first. Throws as `fetchModel`. */
export async function openModel(choice: ModelChoice, report: (report: Report) => void): Promise<ModelFolder> {
  switch (choice.from) {
    case 'page':
      return embeddedModel;
    case 'disk':
      return pickedFolder(choice.name, choice.files);
    case 'hub': {
      const onProgress = ({ totalBytes: bytes, totalSize: size }: { totalBytes: number; totalSize: number }) =>
        report({ type: 'loading', what: choice.id, bytes, size });
      const fetched = await fetchModel(choice.id, { onProgress });
      const folder = fetched.gguf === undefined ? fetched : ggufFolder(fetched.gguf, fetched);
      return { ...folder, name: choice.id };
    }
    default:
      return choice satisfies never;
  }
}
