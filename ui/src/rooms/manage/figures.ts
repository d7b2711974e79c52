/** The sums behind the manager's page: shares that add up, time buckets without gaps, a forecast that says what it rests on. */

export interface HourCount {
  hour: string;
  answers: number;
}

/** Whole percentages that add up to 100 (largest remainder); all zero when there is nothing. */
export function wholePercents(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return counts.map(() => 0);
  const exact = counts.map((count) => (count * 100) / total);
  const floors = exact.map(Math.floor);
  const missing = 100 - floors.reduce((sum, value) => sum + value, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, rest: value - floors[index]! }))
    .sort((a, b) => b.rest - a.rest || a.index - b.index);
  for (const { index } of byRemainder.slice(0, missing)) floors[index]! += 1;
  return floors;
}

/** "62%", "under 1%", "over 99%": never 0% for something, never 100% for not quite all. */
export function percentText(part: number, whole: number): string {
  if (whole <= 0) return '–';
  if (part > 0 && part / whole < 0.01) return 'under 1%';
  if (part < whole && part / whole > 0.99) return 'over 99%';
  return `${Math.round((part * 100) / whole)}%`;
}

export const count = (value: number): string => value.toLocaleString('en-GB');

export const plural = (value: number, one: string, many = `${one}s`): string => `${count(value)} ${value === 1 ? one : many}`;

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** A span of time in the one or two units a person would say. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < MINUTE) return `${Math.round(seconds)} s`;
  if (seconds < HOUR) {
    const whole = Math.round(seconds);
    const rest = whole % MINUTE;
    return whole < 10 * MINUTE && rest > 0 ? `${Math.floor(whole / MINUTE)} min ${rest} s` : `${Math.round(seconds / MINUTE)} min`;
  }
  if (seconds < 2 * DAY) {
    const minutes = Math.round(seconds / MINUTE);
    const rest = minutes % 60;
    return minutes < 10 * 60 && rest > 0 ? `${Math.floor(minutes / 60)} h ${rest} min` : plural(Math.round(minutes / 60), 'hour');
  }
  return plural(Math.round(seconds / DAY), 'day');
}

/** "just now", "5 min ago", "3 days ago". */
export function ago(iso: string | null | undefined, now: Date): string {
  if (!iso) return 'never';
  const seconds = (now.getTime() - new Date(iso).getTime()) / 1000;
  if (seconds < 45) return 'just now';
  if (seconds < HOUR) return `${Math.max(1, Math.round(seconds / MINUTE))} min ago`;
  return seconds < 2 * DAY ? `${plural(Math.round(seconds / HOUR), 'hour')} ago` : `${duration(seconds)} ago`;
}

export type Grain = 'hour' | 'day' | 'week';

export interface Bucket {
  start: Date;
  end: Date;
  answers: number;
  /** The bucket that now falls in: its figure will still grow. */
  unfinished: boolean;
}

function floorTo(grain: Grain, at: Date): Date {
  const start = new Date(at);
  if (grain === 'hour') start.setMinutes(0, 0, 0);
  else start.setHours(0, 0, 0, 0);
  if (grain === 'week') start.setDate(start.getDate() - ((start.getDay() + 6) % 7));
  return start;
}

function next(grain: Grain, start: Date): Date {
  const end = new Date(start);
  if (grain === 'hour') end.setTime(end.getTime() + HOUR * 1000);
  else end.setDate(end.getDate() + (grain === 'day' ? 1 : 7));
  return end;
}

/** The finest grain that draws at most about sixty bars between the first answer and now. */
export function fittingGrain(hours: readonly HourCount[], now: Date): Grain {
  const first = firstAnswer(hours);
  if (!first) return 'hour';
  const age = (now.getTime() - first.getTime()) / 1000;
  if (age <= 60 * HOUR) return 'hour';
  return age <= 60 * DAY ? 'day' : 'week';
}

/** One bucket for each hour, day or week from the first answer to now, in local time; the empty ones too. */
export function buckets(hours: readonly HourCount[], now: Date, grain: Grain): Bucket[] {
  const first = firstAnswer(hours);
  if (!first) return [];
  const sums = new Map<number, number>();
  for (const { hour, answers } of hours) {
    const key = floorTo(grain, new Date(hour)).getTime();
    sums.set(key, (sums.get(key) ?? 0) + answers);
  }
  const result: Bucket[] = [];
  for (let start = floorTo(grain, first); start <= now && result.length < 2000; start = next(grain, start)) {
    const end = next(grain, start);
    result.push({ start, end, answers: sums.get(start.getTime()) ?? 0, unfinished: end > now });
  }
  return result;
}

function firstAnswer(hours: readonly HourCount[]): Date | null {
  const times = hours.filter((entry) => entry.answers > 0).map((entry) => new Date(entry.hour).getTime());
  return times.length ? new Date(Math.min(...times)) : null;
}

export type Forecast =
  | { kind: 'complete' }
  | { kind: 'unstarted' }
  | { kind: 'idle'; basis: string }
  | { kind: 'pace'; perHour: number; hours: number; finish: Date; basis: string };

/** When the answers still wanted will be there if the last week's pace, nights included, holds; the basis says which stretch was measured. */
export function forecast(hours: readonly HourCount[], remaining: number, now: Date): Forecast {
  if (remaining <= 0) return { kind: 'complete' };
  const first = firstAnswer(hours);
  if (!first) return { kind: 'unstarted' };
  const week = now.getTime() - 7 * DAY * 1000;
  const wholeWeek = first.getTime() <= week;
  const from = wholeWeek ? week : first.getTime();
  const span = Math.max((now.getTime() - from) / 1000, HOUR);
  const done = hours.reduce((sum, entry) => (new Date(entry.hour).getTime() >= from ? sum + entry.answers : sum), 0);
  if (done === 0) return { kind: 'idle', basis: 'no answers in the last 7 days' };
  const perHour = (done * HOUR) / span;
  const left = remaining / perHour;
  const basis = wholeWeek
    ? "at the last 7 days' pace, nights and weekends included"
    : span < DAY
      ? `at the pace since the first answer (${duration(span)}), if work goes on without a pause`
      : `at the pace since the first answer, ${duration(span)} ago`;
  return { kind: 'pace', perHour, hours: left, finish: new Date(now.getTime() + left * HOUR * 1000), basis };
}

/** Seconds left of a job from its own pace so far; null until there is something to judge by. */
export function etaText(seconds: number | null | undefined): string | null {
  if (seconds === null || seconds === undefined) return null;
  if (seconds < 2) return 'a moment left';
  return `about ${seconds < 10 ? `${Math.ceil(seconds)} s` : duration(seconds)} left`;
}

/** File size as a person reads it. */
export function bytes(size: number): string {
  if (size < 1000) return plural(size, 'byte');
  for (const [unit, factor] of [['kB', 1e3], ['MB', 1e6], ['GB', 1e9]] as const)
    if (size < factor * 1000 || unit === 'GB') return `${(size / factor).toLocaleString('en-GB', { maximumFractionDigits: size / factor < 10 ? 1 : 0 })} ${unit}`;
  return `${size}`;
}
