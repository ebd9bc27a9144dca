/** The numbers that decide what a run computes, in the order in which they are checked. */
export interface TrainSettings {
  steps: number;
  accumulate: number;
  learningRate: number;
  warmupSteps: number;
  finalLearningRate: number;
  weightDecay: number;
  beta1: number;
  beta2: number;
  epsilon: number;
  clipNorm: number;
  loraPlusRatio: number;
  embeddingLearningRate: number;
  loraFa: boolean;
  seed: number;
}

export interface SettingRule {
  holds(value: unknown, settings?: TrainSettings): boolean;
  rule: string;
}

const count = { holds: (value: unknown) => isWhole(value) && value >= 1 };
const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const finite = (value: unknown): value is number =>
  Number.isFinite(value) && Number.isFinite(Math.fround(Number(value)));
const between = (low: number, high: number) => (value: unknown) => finite(value) && value >= low && value <= high;
const decay = { holds: (value: unknown) => between(0, 1)(value) && value !== 1 };

/** What each setting must be. */
export const settingRules: Record<keyof TrainSettings, SettingRule> = {
  steps: { ...count, rule: 'the number of updates is a whole number of 1 or more' },
  accumulate: { ...count, rule: 'micro-batches an update are a whole number of 1 or more' },
  learningRate: { holds: (value) => finite(value) && value > 0, rule: 'the peak is a finite number above 0' },
  warmupSteps: {
    holds: (value, settings) => isWhole(value) && value >= 0 && value <= (settings?.steps ?? Infinity),
    rule: 'the warm-up is a whole number of steps, at least 0 and at most all of them',
  },
  finalLearningRate: { holds: between(0, 1), rule: 'it is a share of the peak, from 0 to 1' },
  weightDecay: { holds: between(0, Infinity), rule: 'it is a finite number of 0 or more' },
  beta1: { ...decay, rule: 'a decay is at least 0 and below 1' },
  beta2: { ...decay, rule: 'a decay is at least 0 and below 1' },
  epsilon: {
    holds: (value) => finite(value) && Math.fround(value) > 0,
    rule: 'it is above 0 in float32, or a zero gradient would divide 0 by 0',
  },
  clipNorm: { holds: between(0, Infinity), rule: 'a norm is a finite number of 0 or more (0 is off)' },
  loraPlusRatio: { holds: between(1, Infinity), rule: "B learns at this multiple of A's rate, 1 or more" },
  embeddingLearningRate: { holds: (value) => finite(value) && value > 0, rule: 'the peak is a finite number above 0' },
  loraFa: { holds: (value) => typeof value === 'boolean', rule: 'it is true or false' },
  seed: { holds: Number.isSafeInteger, rule: 'a seed is a whole number' },
};
