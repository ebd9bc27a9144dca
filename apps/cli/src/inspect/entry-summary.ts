import { moduleUpdates, widened, type PeftEntry, type PeftFolder } from '@lowrank/formats';
import { frobenius, updateNorm } from './norms.js';

/** A tensor of a module, in the file's own layout. */
interface TensorSummary {
  dtype: string;
  shape: number[];
  /** Frobenius norm. */
  norm: number;
}

/** What an adapter holds of one module. */
export interface EntrySummary {
  path: string;
  kind: PeftEntry['kind'];
  parameters: number;
  /** By what follows the path in PEFT's files. */
  tensors: Record<string, TensorSummary>;
  in?: number;
  out?: number;
  rank?: number;
  scaling?: number;
  /** Frobenius norms: of the factors, and of the update `scaling · A B` that they make. */
  normA?: number;
  normB?: number;
  normUpdate?: number;
}

/** What is in an adapter, module by module. */
export function summarise(adapter: PeftFolder): EntrySummary[] {
  return adapter.entries.map((entry) => {
    const tensors = tensorSummaries(entry);
    const { path, kind } = entry;
    const parameters = Object.values(tensors).reduce((sum, { shape }) => sum + countOf(shape), 0);
    return { path, kind, parameters, tensors, ...updateSummary(adapter, entry) };
  });
}

function tensorSummaries({ path, tensors }: PeftEntry): Record<string, TensorSummary> {
  return Object.fromEntries(
    Array.from(tensors, ([role, stored]) => {
      const { dtype, shape } = stored;
      return [role, { dtype, shape, norm: frobenius(widened(`"${path}.${role}"`, stored).data) }];
    }),
  );
}

function updateSummary({ config, metadata }: PeftFolder, entry: PeftEntry): Partial<EntrySummary> {
  if ((entry.kind !== 'linear' && entry.kind !== 'embedding') || Array.isArray(config['target_parameters'])) return {};
  // A bias on B is no part of the update of the weight.
  const tensors = new Map([...entry.tensors].filter(([role]) => role !== 'lora_B.bias'));
  const [update] = moduleUpdates(entry.path, { config, entries: [{ ...entry, tensors }], metadata });
  if (!update) return {};
  const { a, b, rank, alpha } = update;
  const scaling = alpha / rank;
  return {
    in: a.shape[0] as number,
    out: b.shape[1] as number,
    rank,
    scaling,
    normA: frobenius(a.data),
    normB: frobenius(b.data),
    normUpdate: scaling * updateNorm(a.data, b.data, rank),
  };
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
