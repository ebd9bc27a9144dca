import type { JsonObject } from '@lowrank/formats';

/** What transformers calls the classifier of a family, by `model_type`. */
const architectures: Record<string, string> = { bert: 'BertForSequenceClassification' };

/** Whether a `config.json` is that of a classifier. */
export function isClassifier(json: JsonObject): boolean {
  const [name] = [json['architectures'] ?? []].flat();
  return name !== undefined && name === architectures[String(json['model_type'])];
}

/** A `config.json` as that of a classifier with these classes; other keys stay. */
export function classifierConfig(json: JsonObject, classNames: readonly string[]): JsonObject {
  return {
    ...json,
    architectures: [architectures[String(json['model_type'])] as string],
    ...labelMaps(classNames),
  };
}

/** A `config.json` as that of a model saved without a head that its files had and nothing here computes with. */
export function headlessConfig(json: JsonObject): JsonObject {
  const [name] = [json['architectures'] ?? []].flat();
  const headed = json['model_type'] === 'bert' && name !== undefined && name !== 'BertModel';
  return headed ? { ...json, architectures: ['BertModel'] } : json;
}

/** Class names as transformers has them in a config. */
export function labelMaps(classNames: readonly string[]): { id2label: JsonObject; label2id: JsonObject } {
  return {
    id2label: Object.fromEntries(classNames.map((name, index) => [index, name])),
    label2id: Object.fromEntries(classNames.map((name, index) => [name, index])),
  };
}
