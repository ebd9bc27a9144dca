const two = (number: number) => String(number).padStart(2, '0');
/** In English whatever the machine speaks, as Python's unless it is told otherwise. */
const named = (options: Intl.DateTimeFormatOptions) => (date: Date) =>
  new Intl.DateTimeFormat('en-US', options).format(date);

const directives: Record<string, (date: Date) => string> = {
  '%': () => '%',
  a: named({ weekday: 'short' }),
  A: named({ weekday: 'long' }),
  b: named({ month: 'short' }),
  B: named({ month: 'long' }),
  d: (date) => two(date.getDate()),
  H: (date) => two(date.getHours()),
  I: (date) => two(date.getHours() % 12 || 12),
  m: (date) => two(date.getMonth() + 1),
  M: (date) => two(date.getMinutes()),
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  S: (date) => two(date.getSeconds()),
  y: (date) => two(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
};

/** A date in local time as Python's `strftime` writes it; what is no directive of ours stays. */
export function strftime(format: string, date: Date): string {
  return format.replace(/%([%a-zA-Z])/g, (all, name: string) => directives[name]?.(date) ?? all);
}
