import {
  embeddingLookup,
  FrozenLinear,
  frozenLinear,
  layerNorm,
  type ForwardContext,
  type FrozenModule,
  type Host,
  type HostModule,
  type ModuleInfo,
} from '@lowrank/core';
import type { Tensors } from '@lowrank/testing';
import { add, reshape, tensor2d, tidy, type Tensor, type Tensor1D, type Tensor2D } from '@tensorflow/tfjs-core';

const [vocab, positions, hidden, wide] = [11, 6, 5, 7];

/** One of each kind of module that an adapter can touch, with a head that reads the embedding's table. */
export interface LayeredHost extends Host {
  /** @param ids `[batch, seq]`, int32 @returns `[batch, seq, 11]`, owned by the caller */
  run(ids: Tensor, context?: ForwardContext): Tensor;
}

export function layeredHost(tensors: Tensors): LayeredHost {
  const table = tensors.randn([vocab, hidden]) as Tensor2D;
  const places = tensors.randn([positions, hidden]) as Tensor2D;
  const [gain, shift] = [tensors.randn([hidden]), tensors.randn([hidden])] as [Tensor1D, Tensor1D];
  const linear = (from: number, to: number) =>
    new FrozenLinear(tensors.randn([from, to]) as Tensor2D, tensors.randn([to]) as Tensor1D);
  const embedding = (weight: Tensor2D): FrozenModule => ({
    kind: 'embedding',
    weight,
    forward: (ids) => embeddingLookup(weight, ids),
  });
  const tiedHead: FrozenModule = {
    kind: 'tied-head',
    weight: table,
    forward: (x) => frozenLinear(x, table, undefined, { transposed: true }),
  };
  const norm: FrozenModule = {
    kind: 'layer-norm',
    weight: gain,
    bias: shift,
    epsilon: 1e-5,
    forward: (x) => layerNorm(x, gain, shift, 1e-5),
  };
  const modules = new Map<string, HostModule>([
    ['embed', embedding(table)],
    ['positions', embedding(places)],
    ['norm', norm],
    ['query', linear(hidden, wide)],
    ['value', linear(hidden, wide)],
    ['out', linear(wide, hidden)],
    ['head', tiedHead],
  ]);
  const info = (path: string, kind: string, from: number, to: number): ModuleInfo => {
    const [parameters, bias] = [from * to, kind === 'linear'];
    return { path, kind, in: from, out: to, bias, parameters, bytes: 4 * parameters };
  };
  const infos: ModuleInfo[] = [
    info('embed', 'embedding', vocab, hidden),
    info('positions', 'embedding', positions, hidden),
    { path: 'norm', kind: 'layer-norm', bias: true, parameters: 2 * hidden, bytes: 8 * hidden },
    info('query', 'linear', hidden, wide),
    info('value', 'linear', hidden, wide),
    info('out', 'linear', wide, hidden),
    { path: 'head', kind: 'tied-head', in: hidden, out: vocab, head: true, table: 'embed', parameters: 0, bytes: 0 },
  ];
  const run = (ids: Tensor, context?: ForwardContext) =>
    tidy(() => {
      const through = (path: string, input: Tensor) => modules.get(path)!.forward(input, context);
      const seq = ids.shape[1] as number;
      const at = tensor2d(
        Array.from({ length: seq }, (_, place) => place),
        [1, seq],
        'int32',
      );
      const normal = through('norm', add(through('embed', ids), through('positions', at)));
      const mixed = through('out', add(through('query', normal), through('value', normal)));
      return reshape(through('head', mixed), [...ids.shape, vocab]);
    });
  return {
    modules: () => infos,
    get: (path) => modules.get(path)!,
    replace: (path, module) => void modules.set(path, module),
    run,
  };
}
