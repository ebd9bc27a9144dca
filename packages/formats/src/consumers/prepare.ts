import { LowrankError } from '@lowrank/core/plan';
import { moduleUpdates } from '../adapter/module-update.js';
import { evened } from '../adapter/common-scaling.js';
import { folderOf } from '../adapter/folder-of.js';
import type { PeftFolder } from '../peft/read-peft-folder.js';
import { compatibility, type Compatibility, type Finding } from './compatibility.js';
import type { ConsumerName } from './consumer.js';
import type { BaseFacts, Feature } from './features.js';
import { stripped } from './strip.js';

export interface PrepareOptions {
  /** Leave out what the consumer lacks, where the rest is still an adapter. Default false: refuse it. */
  strip?: boolean;
  base?: BaseFacts;
  /** What messages call the adapter. */
  given?: string;
}

export interface Prepared {
  /** What to write: the adapter itself where nothing had to change. */
  adapter: PeftFolder;
  /** What was left out or written in another form. */
  changes: Finding[];
  maxLoraRank?: number;
}

/**
 * An adapter as a consumer takes it, for that consumer's writer. Throws `config-unsupported`, naming each thing and
 * where it is, for what the consumer lacks and what may not be stripped, or was not asked to be.
 */
export function prepareFor(
  consumer: ConsumerName,
  adapter: PeftFolder,
  { strip = false, base = {}, given = 'the adapter' }: PrepareOptions = {},
): Prepared {
  const checked = compatibility(adapter, consumer, base);
  refuse(given, checked, strip);
  const out = checked.findings.filter(({ verdict, feature }) => verdict === 'strippable' || feature === 'base-copies');
  const rest = stripped(given, adapter, new Set(out.map(({ feature }) => feature as Feature)));
  // What is left may need less: a rank, or a pattern, that only a stripped module had.
  const { findings, maxLoraRank } = compatibility(rest, consumer, base);
  const even = consumer === 'vllm' && findings.some(({ feature }) => feature === 'patterns');
  const changes = [...out, ...findings.filter(({ verdict }) => verdict === 'rewritten')];
  return {
    adapter: even ? evenedFolder(given, rest) : rest,
    changes,
    ...(maxLoraRank !== undefined && { maxLoraRank }),
  };
}

function refuse(given: string, { program, findings }: Compatibility, strip: boolean): void {
  const lacking = findings.filter(({ verdict }) => verdict === 'refused' || (verdict === 'strippable' && !strip));
  if (lacking.length === 0) return;
  const all = lacking.map(({ feature, places, why }) => `${feature} (${shortened(places)}): ${why}`);
  const hopeless = lacking.some(({ verdict }) => verdict === 'refused');
  throw new LowrankError('config-unsupported', {
    given: `${given}, for ${program}`,
    rule: `it holds ${all.join('; ')}`,
    fix: hopeless
      ? 'take an adapter without it'
      : 'leave it out with strip (--strip), or merge the adapter into its base',
  });
}

function shortened(places: string[]): string {
  return places.length > 3 ? `${places.slice(0, 3).join(', ')} and ${places.length - 3} more` : places.join(', ');
}

/** The linears and embeddings under one rank and alpha; what else there is, as it was. */
function evenedFolder(given: string, { config, entries, metadata }: PeftFolder): PeftFolder {
  const isAdapted = ({ kind }: PeftFolder['entries'][number]) => kind === 'linear' || kind === 'embedding';
  const { modules, rank, scaling } = evened(
    moduleUpdates(given, { config, entries: entries.filter(isAdapted), metadata }),
  );
  const plain = { rank_pattern: {}, alpha_pattern: {}, use_rslora: false, r: rank, lora_alpha: rank * scaling };
  return {
    config: { ...config, ...plain },
    entries: [...folderOf(modules).entries, ...entries.filter((entry) => !isAdapted(entry))],
    metadata,
  };
}
