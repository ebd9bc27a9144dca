import type { Base } from './base.js';
import { difference } from './difference.js';
import { inputsOf } from './inputs.js';
import { resultOf, type Result } from './result.js';
import type { Session } from './session.js';

/** The base's outputs here, held against those of Transformers. */
export function baseResult(session: Session, base: Base): Promise<Result> {
  const check = async () => {
    const folder = await session.folderOf(base);
    const inputs = inputsOf(base);
    const model = await session.modelOf(base);
    const theirs = await session.theirs({ folder, head: base.head, inputs, keep: true });
    return difference(await session.read(model.output(inputs)), theirs);
  };
  return resultOf('base', base.name, check, base.refused);
}
