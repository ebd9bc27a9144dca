/** What an output or input array holds. */
type Element = 'float32' | 'int32';

/** A compute shader in parts; `source` puts them together. */
export interface Shader {
  /** Tells it from all other shaders, whatever its sizes. */
  name: string;
  /** Arrays that it reads, in the order in which they are given. A float32 one is `array<f32>`, an int32 one `array<u32>`. */
  inputs: Record<string, Element>;
  /** Arrays of f32 that it writes. */
  outputs: string[];
  /** Whole numbers it is told as `n.<name>`. */
  sizes?: string[];
  /** Real numbers it is told as `n.<name>`. */
  factors?: string[];
  /** Invocations of one workgroup. */
  lanes?: number;
  /** Functions and shared memory. */
  declarations?: string;
  /**
   * The body of its `main`, which sees `lane`, the invocation's number in its workgroup; `group`, the workgroup's
   * number, and `cell`, its `[x, y, z]`.
   */
  body: string;
}

export const defaultLanes = 256;

/** The whole WGSL of a shader: bindings from 0 on are its inputs, its outputs and, where it has any, its numbers. */
export function source(shader: Shader): string {
  const { inputs, outputs, sizes = [], factors = [], lanes = defaultLanes, declarations = '', body } = shader;
  const read = Object.entries(inputs).map(
    ([name, element], index) =>
      `@group(0) @binding(${index}) var<storage, read> ${name}: array<${element === 'int32' ? 'u32' : 'f32'}>;`,
  );
  const written = outputs.map(
    (name, index) => `@group(0) @binding(${read.length + index}) var<storage, read_write> ${name}: array<f32>;`,
  );
  const numbers = [...sizes.map((name) => `${name}: u32`), ...factors.map((name) => `${name}: f32`)];
  const told =
    numbers.length === 0
      ? ''
      : `struct Numbers { ${numbers.join(', ')} }
@group(0) @binding(${read.length + written.length}) var<uniform> n: Numbers;`;
  return `${[...read, ...written].join('\n')}
${told}
${declarations}
@compute @workgroup_size(${lanes})
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) cell: vec3<u32>,
  @builtin(num_workgroups) cells: vec3<u32>,
) {
  let group = (cell.z * cells.y + cell.y) * cells.x + cell.x;
  ${body}
}
`;
}

/** Marks WGSL for editors, and changes nothing. */
export const wgsl = String.raw;
