import { ggufBaseOf, parseJsonObject, type GgufAdapterOptions } from '@lowrank/formats';
import type { ModelFolder } from '@lowrank/models';

/** What a GGUF adapter's file says of its base. Throws `model-unsupported` where the base's config does not tell it. */
export async function ggufFacts(folder: ModelFolder): Promise<GgufAdapterOptions> {
  // A model that was loaded has one.
  const source = (await folder.open('config.json'))!;
  try {
    return ggufBaseOf(parseJsonObject(source.name, await source.read(0, source.size)), source.name);
  } finally {
    await source.close();
  }
}
