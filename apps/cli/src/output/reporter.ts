/** Where a command's words go: for people, or one JSON object a line for machines. */
export interface Reporter {
  /** A machine-readable event; silent for people. */
  event<Event extends { type: string }>(event: Event): void;
  /** A line for people: stdout, or stderr beside JSON. */
  line(text?: string): void;
  /** A line that the next one replaces, where there is a terminal; else `plain`, when given, as a line. */
  progress(text: string, plain?: string): void;
}

/** @param json machine-readable events on stdout, everything else on stderr */
export function reporter(json: boolean): Reporter {
  const people = json ? process.stderr : process.stdout;
  const live = people.isTTY === true;
  let shown = false;
  const clear = () => {
    if (shown) people.write('\r\u001b[K');
    shown = false;
  };
  return {
    event(event) {
      if (json) process.stdout.write(`${JSON.stringify(event)}\n`);
    },
    line(text = '') {
      clear();
      people.write(`${text}\n`);
    },
    progress(text, plain) {
      if (live) {
        clear();
        people.write(text.slice(0, (people.columns ?? 80) - 1));
        shown = true;
      } else if (plain !== undefined) {
        people.write(`${plain}\n`);
      }
    },
  };
}
