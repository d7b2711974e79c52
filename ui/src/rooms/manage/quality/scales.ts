/** Geometry of the charts of quality: pure numbers, tested. */

/** Skill runs from chance to certainty: the axis begins at the tenth below the lowest end, and ends at 1. */
export function skillAxis(lows: readonly (number | null)[]): { from: number; ticks: number[] } {
  const least = Math.min(1, ...lows.filter((low): low is number => low !== null));
  const from = Math.max(0, Math.floor((least - 0.001) * 10) / 10);
  const step = 1 - from > 0.6 ? 0.2 : 0.1;
  const ticks: number[] = [];
  for (let tick = 1; tick >= from - 1e-9; tick -= step) ticks.unshift(Math.round(tick * 100) / 100);
  return { from, ticks };
}

/** Ticks between two values at round numbers: 1, 2 or 5 times a power of ten apart. */
export function ticksBetween(from: number, to: number, most = 4): number[] {
  const span = Math.max(to - from, 1e-9);
  const power = 10 ** Math.floor(Math.log10(span / most));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => span / candidate <= most)!;
  const found: number[] = [];
  for (let tick = Math.ceil(from / step - 1e-9) * step; tick <= to + step * 1e-9; tick += step) found.push(Math.round(tick * 1e9) / 1e9 || 0);
  return found;
}

export const between = (value: number, from: number, to: number, start: number, end: number): number => start + ((end - start) * (value - from)) / Math.max(to - from, 1e-9);

/** "85–90%": an interval of the histogram of confidence. */
export function binName(bins: readonly number[], index: number): string {
  const [low, high] = [bins[index]!, bins[index + 1]!].map((end) => Math.round(end * 100));
  return low === 0 ? `under ${high}%` : `${low}–${high}%`;
}

export const percent = (share: number | null | undefined, digits = 0): string => (share === null || share === undefined ? '–' : `${(share * 100).toFixed(digits)}%`);

/** Landis and Koch's words are a habit, not a law; here only what a coefficient's size means in plain language. */
export const agreementWord = (alpha: number | null): string =>
  alpha === null ? '' : alpha >= 0.8 ? 'people mostly agree' : alpha >= 0.667 ? 'good enough for careful conclusions' : alpha >= 0.4 ? 'people often disagree' : 'people hardly agree more than by chance';
