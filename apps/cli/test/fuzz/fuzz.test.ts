import { fuzzEach, fuzzedName } from '@lowrank/testing';
import { trainCommand } from '../../src/commands/train.js';
import { checkedEntry } from '../../src/config/checked-entry.js';
import { configKeys } from '../../src/config/config-keys.js';
import { yamlEntries } from '../../src/config/yaml-entries.js';
import { UsageError } from '../../src/output/usage-error.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const options = configKeys(trainCommand());

const config = `# lowrank train
model: tiny
data: [one.txt, "two.txt"]
rank: 8
rank-pattern: &ranks { 'layers.0.': 4, 'layers.1.': 2 }
alphaPattern: *ranks
targets: >-
  q_proj,v_proj
learningRate: 1e-4
overwrite: false
`;
const json = '{"model": "tiny", "rank": 4, "targets": ["q_proj"], "steps": 10, "overwrite": true}\n';
const grown = `a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntargets: &d { k: *c, l: *c }\nmodel: [*d, *d]\n`;

fuzzEach([
  {
    name: 'config of the command line, in YAML or JSON',
    intact: [config, json, grown].map(bytes),
    async parse(given) {
      try {
        for (const entry of await yamlEntries(fuzzedName, new TextDecoder().decode(given))) {
          const option = options.get(entry.key);
          if (option) checkedEntry(option, entry);
        }
      } catch (error) {
        throw error instanceof UsageError ? error.cause : error;
      }
      return 0;
    },
  },
]);
