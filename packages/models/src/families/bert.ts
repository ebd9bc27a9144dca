import type { EncoderModel } from '../encoder-model.js';
import { bertSpecs, bertTensorName, parseBertConfig } from './bert-config.js';
import { bertPass } from './bert-pass.js';
import type { FamilyReader } from './family-reader.js';

/** BERT, with a classification head or none. */
export const bert: FamilyReader<EncoderModel> = (json, file) => {
  const config = parseBertConfig(json, file);
  return {
    specs: bertSpecs(config),
    pass: bertPass(config),
    maxPositions: config.maxPositions,
    nameOf: (stored) => bertTensorName(stored, config),
    maker: async () => {
      const { Bert } = await import('./bert-model.js');
      return (...parts) => new Bert(config, ...parts);
    },
  };
};
