// Which way an op is computed: by a kernel of the active backend, or composed.
import { residual, useBackend, type Backend, type Kernels } from '@lowrank/core';
import { cpu, describe, errorOf, expect, it } from '@lowrank/testing';
import { add, dispose, grads, mul, ones, tensor1d, tidy, type Tensor } from '@tensorflow/tfjs-core';

/** Ten times too much, so that it is seen. */
const tenfold: Kernels['residual'] = ({ x, y }, save) => {
  save([x]);
  return { value: mul(add(x, y), 10), gradient: (dy, [x]) => [mul(dy, 10), mul(dy, mul(x as Tensor, 0))] };
};

const bringing = (kernels: Kernels): Backend => ({ ...cpu(), kernels });

async function outputOn(backend: Backend): Promise<number[]> {
  await useBackend(backend);
  const output = tidy(() => residual(tensor1d([1, 2]), tensor1d([3, 4])));
  const values = [...(await output.data())];
  output.dispose();
  return values;
}

describe('an op', () => {
  it("runs on the active backend's own kernel, with the kernel's own gradients", async () => {
    expect(await outputOn(bringing({ residual: tenfold }))).toEqual([40, 60]);
    const [x, y] = [tensor1d([1, 2]), tensor1d([3, 4])];
    const [dx, dy] = grads(residual)([x, y]) as [Tensor, Tensor];
    expect([[...dx.dataSync()], [...dy.dataSync()]]).toEqual([
      [10, 10],
      [0, 0],
    ]);
    dispose([x, y, dx, dy]);
  });

  it('is composed where the backend brings none, or its kernel declines', async () => {
    expect(await outputOn(bringing({}))).toEqual([4, 6]);
    expect(await outputOn(cpu())).toEqual([4, 6]);
    expect(await outputOn(bringing({ residual: () => undefined }))).toEqual([4, 6]);
  });

  it('has the kernels of the last useBackend, and after a failed one those from before', async () => {
    expect(await outputOn(bringing({ residual: tenfold }))).toEqual([40, 60]);
    const absent = { name: 'nowhere', init: async () => {}, capabilities: () => ({ threads: 1 }), kernels: {} };
    await errorOf(() => useBackend(absent));
    const output = tidy(() => residual(tensor1d([1]), tensor1d([1])));
    expect(output.dataSync()[0]).toBe(20);
    output.dispose();
    expect(await outputOn(cpu())).toEqual([4, 6]);
  });

  it('reads what a backend brings only after init', async () => {
    let kernels: Kernels | undefined;
    const late: Backend = {
      ...cpu(),
      init: async () => {
        kernels = { residual: tenfold };
      },
      get kernels() {
        if (!kernels) throw new Error('read before init');
        return kernels;
      },
    };
    expect(await outputOn(late)).toEqual([40, 60]);
  });

  it('shows no kernel a dtype or shape that the op refuses', async () => {
    await useBackend(bringing({ residual: () => expect.unreachable('a kernel saw bad input') as never }));
    const integers = await errorOf(() => tidy(() => void residual(ones([2], 'int32'), ones([2]))));
    expect(integers).toMatchObject({ code: 'dtype-unsupported', given: 'residual: x of dtype int32' });
    expect(integers.fix).toBe("cast it first: tf.cast(x, 'float32')");
    const unlike = await errorOf(() => tidy(() => void residual(ones([2]), ones([1]))));
    expect(unlike).toMatchObject({ code: 'shape-mismatch', given: 'residual: y of shape [1]' });
    await useBackend(cpu());
  });
});
