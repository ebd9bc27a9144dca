import {
  loraTensorName,
  type AdapterPlan,
  type ModuleInfo,
  type ParameterRole,
  type PlannedExtra,
  type PlannedModule,
} from '@lowrank/core/plan';

/**
 * Bytes of the `adapter_model.safetensors` that PEFT reads: 8 for a length, the header's JSON with every tensor's name,
 * shape and place, spaces up to a multiple of 8, and the values in float32.
 *
 * @param infos the modules that the plan was made for
 * @see https://github.com/huggingface/safetensors, "Format"
 */
export function adapterFileBytes(infos: ModuleInfo[], { config, modules, extras }: AdapterPlan): number {
  const adapted = new Set(modules.map(({ path }) => path));
  const tensors = [
    ...modules.flatMap((module) => ofModule(module, config)),
    ...extras.flatMap((extra) => ofExtra(extra, adapted.has(extra.path), infos)),
  ].sort(([left], [right]) => (left < right ? -1 : 1));
  let end = 0;
  const entries = tensors.map(([name, shape]) => {
    const begin = end;
    end += 4 * shape.reduce((product, side) => product * side, 1);
    return `${JSON.stringify(name)}:${JSON.stringify({ dtype: 'F32', shape, data_offsets: [begin, end] })}`;
  });
  const header = new TextEncoder().encode(`{"__metadata__":{"format":"pt"},${entries.join(',')}}`).length;
  return 8 + 8 * Math.ceil(header / 8) + end;
}

type NamedShape = [name: string, shape: number[]];

function ofModule(
  { path, kind, in: from, out, rank, kernel, groups = 1 }: PlannedModule,
  config: AdapterPlan['config'],
): NamedShape[] {
  const named = (role: ParameterRole, shape: number[]): NamedShape => [prefix + loraTensorName(path, role), shape];
  // A convolution's B and magnitudes have sides of 1 where its A has those of the kernel.
  const ones = (kernel ?? []).map(() => 1);
  const magnitude = config.useDora ? [named('lora_magnitude_vector', kernel ? [1, out, ...ones] : [out])] : [];
  const factors: NamedShape[] =
    kind === 'embedding'
      ? [named('lora_embedding_A', [rank, from]), named('lora_embedding_B', [out, rank])]
      : [named('lora_A', [rank, from, ...(kernel ?? [])]), named('lora_B', [out, rank / groups, ...ones])];
  return [...factors, ...magnitude, ...(config.loraBias ? [named('lora_B.bias', [out])] : [])];
}

function ofExtra({ path, kind, trains, parameters, tokens = [] }: PlannedExtra, adapted: boolean, infos: ModuleInfo[]) {
  const {
    in: from = 0,
    out = parameters,
    bias,
    fanInFanOut,
    kernel,
    groups = 1,
  } = infos.find((info) => info.path === path) ?? {};
  const named = (name: string, shape: number[]): NamedShape => [`${prefix}${path}.${name}`, shape];
  switch (trains) {
    case 'bias':
      return [named(adapted ? 'base_layer.bias' : 'bias', [parameters])];
    case 'rows':
      return [named('token_adapter.trainable_tokens_delta', [tokens.length, out])];
    case 'tied-rows':
      return [];
    case 'module': {
      const vector = bias ? parameters / 2 : parameters;
      if (kind.endsWith('norm')) return [named('weight', [vector]), ...(bias ? [named('bias', [vector])] : [])];
      const turned = kind === 'linear' && !fanInFanOut;
      const matrix = turned ? [out, from] : [from, out];
      const weight = named('weight', kernel ? [out, from / groups, ...kernel] : matrix);
      return [weight, ...(bias ? [named('bias', [out])] : [])];
    }
    default:
      return trains satisfies never;
  }
}

/** What PEFT puts before a path: its wrapper and the wrapper's model. */
const prefix = 'base_model.model.';
