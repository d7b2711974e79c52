import { useId, useState } from 'react';
import { count } from '../figures';
import { countTicks, linear } from '../charts/axis';
import chart from '../charts/charts.module.css';
import { useWidth } from '../charts/useWidth';
import { binName, percent } from './scales';
import classes from './quality.module.css';

const HEIGHT = 190;
const [LEFT, BOTTOM, TOP] = [44, 26, 22];

/** Tasks by how sure their consensus is. Those at the target or above are filled, the others hatched: the line is the target. */
export function Histogram({ bins, tasks, target }: { bins: readonly number[]; tasks: readonly number[]; target: number | null }) {
  const [ref, width] = useWidth(640);
  const [over, setOver] = useState<number | null>(null);
  const id = useId();
  const total = tasks.reduce((sum, value) => sum + value, 0);
  const ticks = countTicks(Math.max(0, ...tasks), 4);
  const y = linear(ticks.at(-1)!, HEIGHT - BOTTOM, TOP);
  const slot = (width - LEFT - 4) / tasks.length;
  const sure = (index: number) => target === null || bins[index]! >= target - 1e-9;
  const reached = tasks.reduce((sum, value, index) => sum + (sure(index) ? value : 0), 0);
  const line = bins.findIndex((end) => target !== null && end >= target - 1e-9);
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={chart.chart} onMouseLeave={() => setOver(null)}>
        <title id={`${id}-title`}>Tasks by confidence</title>
        <desc id={`${id}-desc`}>{tasks.map((value, index) => `${binName(bins, index)}: ${count(value)}`).join(', ')}</desc>
        <defs>
          <pattern id={`${id}-hatch`} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width={6} height={6} className={classes.unsure} />
            <rect width={2.5} height={6} className={chart.hatch} />
          </pattern>
        </defs>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width} y1={y(tick)} y2={y(tick)} className={tick === 0 ? chart.base : chart.grid} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className={chart.tick}>
              {count(tick)}
            </text>
          </g>
        ))}
        <text x={0} y={10} className={chart.tick}>
          tasks
        </text>
        {tasks.map((value, index) => (
          <g key={index} onMouseEnter={() => setOver(index)}>
            <rect x={LEFT + index * slot} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} className={over === index ? chart.hover : classes.clear} />
            {value > 0 && (
              <rect
                x={LEFT + index * slot + slot * 0.12}
                y={Math.min(y(value), y(0) - 2)}
                width={slot * 0.76}
                height={Math.max(2, y(0) - y(value))}
                rx={2}
                className={sure(index) ? chart.bar : undefined}
                fill={sure(index) ? undefined : `url(#${id}-hatch)`}
              />
            )}
            <text x={LEFT + (index + 0.5) * slot} y={HEIGHT - 8} textAnchor="middle" className={chart.tick}>
              {slot > 62 ? binName(bins, index) : slot > 46 || index % 2 === 0 ? binName(bins, index).replace('under ', '<') : ''}
            </text>
          </g>
        ))}
        {target !== null && line > 0 && line < tasks.length && (
          <g>
            <line x1={LEFT + line * slot} x2={LEFT + line * slot} y1={TOP - 6} y2={HEIGHT - BOTTOM} className={classes.target} />
            <text x={LEFT + line * slot - 6} y={TOP - 8} textAnchor="end" className={chart.tick}>
              target {percent(target)}
            </text>
          </g>
        )}
        {over !== null && (
          <text x={width - 4} y={12} textAnchor="end" className={chart.reading}>
            {`${binName(bins, over)} sure: ${count(tasks[over]!)} of ${count(total)}`}
          </text>
        )}
      </svg>
      {target !== null && total > 0 && (
        <p className={chart.note}>
          {count(reached)} of {count(total)} answered tasks are at least {percent(target)} sure.
        </p>
      )}
    </div>
  );
}
