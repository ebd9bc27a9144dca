import { isLabelled } from '@lowrank/trainer';
import { wrongOption } from '../output/usage-error.js';
import { tasks, type Task } from './task-names.js';

/** The options of data that decide a task, or fit only one. */
export interface TaskFlags {
  task?: Task | undefined;
  data: string[];
  format?: string | undefined;
  textColumn?: string | undefined;
  labelColumn?: string | undefined;
  pairColumn?: string | undefined;
  pack?: boolean | undefined;
  sample?: string | undefined;
}

/**
 * `--task`, or what the data are for, which a line on stderr then tells. Throws a usage error for an option that does not
 * go with it; as `isLabelled`.
 */
export async function taskFor(flags: TaskFlags): Promise<Task> {
  const task = flags.task ?? (await taskOfData(flags));
  const foreign = foreignTo[task].find((name) => flags[name] !== undefined);
  if (foreign === undefined) return task;
  const option = optionOf[foreign];
  throw wrongOption({
    given: `${option} with --task ${task}`,
    rule: `it belongs to --task ${tasks.find((other) => other !== task)}`,
    fix: `leave ${option} away, or give data of the other task`,
  });
}

const foreignTo = {
  classify: ['format', 'pack', 'sample'],
  generate: ['labelColumn', 'pairColumn'],
} as const satisfies Record<Task, (keyof TaskFlags)[]>;

const optionOf = {
  format: '--format',
  pack: '--pack',
  sample: '--sample',
  labelColumn: '--label-column',
  pairColumn: '--pair-column',
};

async function taskOfData({ data, format, textColumn, labelColumn }: TaskFlags): Promise<Task> {
  if (format !== undefined) return 'generate';
  if (!(await isLabelled(data, { text: textColumn, label: labelColumn }))) return 'generate';
  process.stderr.write(
    'notice: the data are labelled texts, so the task is to classify; --format text takes lines as plain text\n',
  );
  return 'classify';
}
