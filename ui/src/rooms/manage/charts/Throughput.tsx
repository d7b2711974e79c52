import { useId, useState } from 'react';
import { count, type Bucket, type Grain } from '../figures';
import { barName, countTicks, linear, timeTicks } from './axis';
import classes from './charts.module.css';
import { Hatch } from './ProgressStack';
import { useWidth } from './useWidth';

const HEIGHT = 190;
const LEFT = 44;
const BOTTOM = 24;
const TOP = 22;

/** Answers per hour, day or week. The axis begins at nought, empty stretches stay empty, the bar of the present is hatched. */
export function Throughput({ bars, grain }: { bars: readonly Bucket[]; grain: Grain }) {
  const [ref, width] = useWidth(640);
  const [over, setOver] = useState<number | null>(null);
  const id = useId();
  const most = Math.max(0, ...bars.map((bar) => bar.answers));
  const ticks = countTicks(most);
  const top = ticks.at(-1)!;
  const y = linear(top, HEIGHT - BOTTOM, TOP);
  const slot = (width - LEFT - 4) / Math.max(1, bars.length);
  const thick = Math.max(1, Math.min(44, slot * 0.72));
  const left = (index: number) => LEFT + index * slot + (slot - thick) / 2;
  const total = bars.reduce((sum, bar) => sum + bar.answers, 0);
  const best = bars.reduce<Bucket | null>((high, bar) => (!high || bar.answers > high.answers ? bar : high), null);
  const shown = over === null ? null : bars[over];
  const named = timeTicks(bars, grain, Math.max(2, Math.floor((width - LEFT) / 74)));
  return (
    <div ref={ref}>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-labelledby={`${id}-title ${id}-desc`}
        className={classes.chart}
        onMouseLeave={() => setOver(null)}
        onMouseMove={(event) => {
          const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
          const index = Math.floor((x - LEFT) / slot);
          setOver(index >= 0 && index < bars.length ? index : null);
        }}
      >
        <title id={`${id}-title`}>{`Answers per ${grain}`}</title>
        <desc id={`${id}-desc`}>{best ? `${count(total)} answers in ${bars.length} ${grain}s. Most in one ${grain}: ${barName(best, grain)}. The table below holds every figure.` : 'No answers yet.'}</desc>
        <defs>
          <Hatch id={`${id}-hatch`} />
        </defs>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} className={tick === 0 ? classes.base : classes.grid} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className={classes.tick}>
              {count(tick)}
            </text>
          </g>
        ))}
        {bars.map((bar, index) => (
          <g key={bar.start.getTime()}>
            {over === index && <rect x={LEFT + index * slot} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} className={classes.hover} />}
            {bar.answers > 0 && (
              <>
                <rect x={left(index)} y={y(bar.answers)} width={thick} height={y(0) - y(bar.answers)} rx={Math.min(2, thick / 3)} className={classes.bar} />
                {bar.unfinished && <rect x={left(index)} y={y(bar.answers)} width={thick} height={y(0) - y(bar.answers)} fill={`url(#${id}-hatch)`} />}
              </>
            )}
          </g>
        ))}
        {named.map(({ index, text }) => (
          <text key={index} x={LEFT + index * slot + slot / 2} y={HEIGHT - 7} textAnchor={index === 0 && slot < 40 ? 'start' : 'middle'} className={classes.tick}>
            {text}
          </text>
        ))}
        {shown && (
          <text x={width - 4} y={12} textAnchor="end" className={classes.reading}>
            {barName(shown, grain)}
          </text>
        )}
      </svg>
    </div>
  );
}
