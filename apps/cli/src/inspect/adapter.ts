import { compatibility, consumers, type ConsumerName, type PeftFolder } from '@lowrank/formats';
import { compatibilityText } from '../output/compatibility-text.js';
import { table } from '../output/table.js';
import { bytesText, counted, countText } from '../output/units.js';
import { summarise, type EntrySummary } from './entry-summary.js';

/** Prints an adapter, whatever file it came from, as PEFT would have it. */
export function printAdapter(format: 'peft' | 'mlx' | 'gguf', adapter: PeftFolder, json: boolean): void {
  const { config, metadata } = adapter;
  const modules = summarise(adapter);
  const parameters = modules.reduce((sum, module) => sum + module.parameters, 0);
  const stored = modules.flatMap(({ tensors }) => Object.values(tensors));
  const dtypes = [...new Set(stored.map(({ dtype }) => dtype))].sort();
  const bytes = adapter.entries
    .flatMap(({ tensors }) => [...tensors.values()])
    .reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  const all = (Object.keys(consumers) as ConsumerName[]).map((consumer) => compatibility(adapter, consumer));
  const kind = config['use_dora'] === true ? 'dora' : 'lora';
  const base = (config['base_model_name_or_path'] ?? null) as string | null;
  if (json) {
    const facts = { type: 'adapter', format, kind, base, config, metadata, parameters, bytes, dtypes };
    console.log(JSON.stringify({ ...facts, modules, consumers: all }));
    return;
  }
  const scale = config['use_rslora'] ? 'alpha / sqrt(rank)' : 'alpha / rank';
  const name = { lora: 'LoRA', dora: 'DoRA' }[kind];
  const lines = [
    `${name} adapter, rank ${Number(config['r'] ?? 8)}, alpha ${Number(config['lora_alpha'] ?? 8)}, scaled by ${scale}`,
    `base      ${base ?? 'not said'}`,
    `targets   ${[(config['target_modules'] ?? 'not said') as string | string[]].flat().join(', ')}`,
    `size      ${countText(parameters)} parameters on ${counted(modules.length, 'module')}, ${bytesText(bytes)} as ${dtypes.join(', ')}`,
    '',
    ...moduleTable(modules),
    ...idleWarning(modules),
    '',
    ...compatibilityText(all),
  ];
  for (const line of lines) console.log(line);
}

function moduleTable(modules: EntrySummary[]): string[] {
  const head = ['module', 'in x out', 'rank', '|A|', '|B|', '|update|'];
  const rows = modules.map((module) => {
    if (module.rank === undefined) return [module.path, module.kind, '', '', '', ''];
    const norms = [module.normA, module.normB, module.normUpdate].map((norm) => norm?.toPrecision(3) ?? '');
    return [module.path, `${module.in} x ${module.out}`, String(module.rank), ...norms];
  });
  return table([head, ...rows]);
}

function idleWarning(modules: EntrySummary[]): string[] {
  const idle = modules.filter(({ normB }) => normB === 0);
  if (idle.length === 0) return [];
  return ['', `warning   B is zero on ${idle.length} of ${modules.length} modules: they never trained`];
}
