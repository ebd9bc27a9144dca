/** Tells after each step about how long the rest takes, by how long those since the first took. */
export function timeLeft(): (step: number, steps: number) => string {
  let first: { step: number; at: number } | undefined;
  return (step, steps) => {
    const at = performance.now();
    first ??= { step, at };
    if (step === first.step || step === steps) return '';
    return `, about ${duration(((at - first.at) / 1000 / (step - first.step)) * (steps - step))} left`;
  };
}

/** Seconds in words. */
export function duration(seconds: number): string {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  if (seconds < 90) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
