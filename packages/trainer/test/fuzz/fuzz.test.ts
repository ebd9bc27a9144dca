import { fuzzEach, fuzzedName, type FuzzTarget } from '@lowrank/testing';
import { parseLabelledTexts, parseRecords } from '@lowrank/trainer';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (given: Uint8Array) => new TextDecoder().decode(given);

const csv = 'id,label,text\r\n1,ham,"a, ""b""\r\nc"\r\n2,spam,\u00fc d\r\n3,ham,plain\r\n';
const tsv = 'text\tlabel\nfirst\tyes\nsecond\tno\n';
const labelled = '{"text":"a","label":1}\n{"text":"b","label":"x"}\n{"text":"c","label":false}\n';
const records = [
  '{"text": "a whale"}\n{"text": "b", "more": [1, {"a": null}]}\n',
  '{"prompt": "Say", "completion": " aye"}\n{"prompt": "Say", "completion": " no"}\n',
  '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}], "tools": [{"name": "f"}]}\n',
];

const targets: FuzzTarget[] = [
  {
    name: 'table of labelled texts',
    intact: [csv, tsv].map(bytes),
    parse(given) {
      parseLabelledTexts(text(given), `${fuzzedName}.csv`);
      return 0;
    },
  },
  {
    name: 'JSON Lines of labelled texts',
    intact: [bytes(labelled)],
    parse(given) {
      parseLabelledTexts(text(given), `${fuzzedName}.jsonl`);
      return 0;
    },
  },
  {
    name: 'JSON Lines of texts, completions or conversations',
    intact: records.map(bytes),
    parse(given) {
      parseRecords(text(given), fuzzedName);
      return 0;
    },
  },
];

fuzzEach(targets);
