import { createLogUpdate } from 'log-update';

/** Where a command's words go: for people, or one JSON object a line for machines. */
export interface Reporter {
  /** Where people read. */
  readonly people: NodeJS.WriteStream;
  /** Whether what `progress` shows can be replaced there. */
  readonly live: boolean;
  /** A machine-readable event; silent for people. */
  event<Event extends { type: string }>(event: Event): void;
  /** A line for people: stdout, or stderr beside JSON. */
  line(text?: string): void;
  /** Lines that the next ones replace, where there is a terminal; else `plain`, when given, as a line. */
  progress(text: string, plain?: string): void;
}

/** @param json machine-readable events on stdout, everything else on stderr */
export function reporter(json: boolean): Reporter {
  const people = json ? process.stderr : process.stdout;
  // Beside events on the same terminal nothing can be drawn over.
  const live = people.isTTY === true && process.env['TERM'] !== 'dumb' && !(json && process.stdout.isTTY);
  const screen = live ? createLogUpdate(people, { showCursor: true }) : undefined;
  return {
    people,
    live,
    event(event) {
      if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    line(text = '') {
      screen?.clear();
      people.write(`${text}\n`);
    },
    progress(text, plain) {
      if (screen) screen(text);
      else if (plain !== undefined) people.write(`${plain}\n`);
    },
  };
}
