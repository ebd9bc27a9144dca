import type { JsonObject } from '@lowrank/formats';
import { ConfigReader } from './families/config-reader.js';
import { pathIn, readJson, readJsonIfThere, type ModelFolder } from './folder/model-folder.js';

const file = 'generation_config.json';

/**
 * A causal model's `config.json` with the tokens that end its texts as its `generation_config.json` has them, which
 * transformers takes in their place: instruct models list there what ends a turn.
 *
 * @throws `file-missing` without a `config.json`; `file-invalid`
 */
export async function configWithStops(files: ModelFolder): Promise<JsonObject> {
  const [config, generation] = [await readJson(files, 'config.json'), await readJsonIfThere(files, file)];
  // What was only derived from config.json says nothing of its own.
  if (!generation || generation['_from_model_config'] === true) return config;
  const stops = new ConfigReader(generation, pathIn(files, file)).ids('eos_token_id');
  return stops.length > 0 ? { ...config, eos_token_id: stops } : config;
}
