/** Geometry that the charts share: ticks at round numbers, axes that begin at nought. */
import type { Bucket, Grain } from '../figures';

/** Whole-number ticks from 0 to at least `max`, at most `most` steps of 1, 2 or 5 times a power of ten. */
export function countTicks(max: number, most = 5): number[] {
  const least = Math.max(1, max) / most;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= least - 1e-9)!);
  const top = Math.ceil(Math.max(1, max) / step);
  return Array.from({ length: top + 1 }, (_, index) => index * step);
}

/** A linear scale from [0, domain] to [from, to]. */
export const linear =
  (domain: number, from: number, to: number) =>
  (value: number): number =>
    from + ((to - from) * value) / domain;

export interface TimeTick {
  index: number;
  text: string;
}

const day = (at: Date) => at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
const time = (at: Date) => at.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Labels under the bars: no closer than `room` bars apart; hours name their day where it begins. */
export function timeTicks(bars: readonly Bucket[], grain: Grain, most: number): TimeTick[] {
  if (!bars.length) return [];
  const steps = grain === 'hour' ? [1, 2, 3, 6, 12, 24, 48] : [1, 2, 7, 14, 28, 56];
  const step = steps.find((candidate) => bars.length / candidate <= most) ?? Math.ceil(bars.length / most);
  return bars.flatMap((bar, index) => {
    if (grain === 'hour') {
      const hour = bar.start.getHours();
      if (step < 24 ? hour % step !== 0 : hour !== 0) return [];
      return [{ index, text: hour === 0 ? day(bar.start) : time(bar.start) }];
    }
    return (bars.length - 1 - index) % step === 0 ? [{ index, text: day(bar.start) }] : [];
  });
}

/** What a bar says when it is read out or hovered over. */
export function barName(bar: Bucket, grain: Grain): string {
  const when =
    grain === 'hour'
      ? `${day(bar.start)}, ${time(bar.start)} to ${time(bar.end)}`
      : grain === 'day'
        ? bar.start.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
        : `week of ${day(bar.start)}`;
  return `${when}: ${bar.answers.toLocaleString('en-GB')} ${bar.answers === 1 ? 'answer' : 'answers'}${bar.unfinished ? ' so far' : ''}`;
}
