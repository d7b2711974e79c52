import { useId } from 'react';
import type { FieldFindings } from '../../../api/types';
import chart from '../charts/charts.module.css';
import { useWidth } from '../charts/useWidth';
import { between, ticksBetween } from './scales';
import classes from './quality.module.css';

const HEIGHT = 180;
const [LEFT, RIGHT, BOTTOM, TOP] = [44, 10, 26, 12];

const day = (iso: string) => new Date(iso).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });
const hour = (iso: string) => new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Krippendorff's α in stretches of the work, each with its bootstrap interval: does a change of the guideline help? */
export function OverTime({ stretches }: { stretches: FieldFindings['over_time'] }) {
  const [ref, width] = useWidth(640);
  const id = useId();
  const least = Math.min(0.5, ...stretches.map((each) => each.low ?? each.value ?? 1));
  const from = Math.max(-1, Math.floor(least * 5) / 5);
  const y = (value: number) => between(value, from, 1, HEIGHT - BOTTOM, TOP);
  const slot = (width - LEFT - RIGHT) / Math.max(1, stretches.length);
  const x = (index: number) => LEFT + (index + 0.5) * slot;
  const oneDay = day(stretches[0]!.begin) === day(stretches.at(-1)!.end);
  const shown = stretches.map((each, index) => ({ ...each, index })).filter((each) => each.value !== null);
  const name = (each: FieldFindings['over_time'][number]) => `${oneDay ? hour(each.begin) : day(each.begin)}–${oneDay ? hour(each.end) : day(each.end)}: α ${each.value?.toFixed(2) ?? 'not defined'}${each.low !== null ? ` (${each.low!.toFixed(2)} to ${each.high!.toFixed(2)})` : ''}, ${each.items} tasks`;
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={chart.chart}>
        <title id={`${id}-title`}>Agreement over time</title>
        <desc id={`${id}-desc`}>{stretches.map(name).join('; ')}</desc>
        {ticksBetween(from, 1, 5).map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={tick === from ? chart.base : chart.grid} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className={chart.tick}>
              {tick.toFixed(1)}
            </text>
          </g>
        ))}
        <path d={shown.map((each, place) => `${place ? 'L' : 'M'}${x(each.index)} ${y(each.value!)}`).join('')} className={classes.line} />
        {shown.map((each) => (
          <g key={each.index}>
            <title>{name(each)}</title>
            <rect x={x(each.index) - slot / 2} y={TOP} width={slot} height={HEIGHT - TOP - BOTTOM} className={classes.clear} />
            {each.low !== null && each.high !== null && <line x1={x(each.index)} x2={x(each.index)} y1={y(each.low)} y2={y(each.high)} className={classes.whisker} />}
            <circle cx={x(each.index)} cy={y(each.value!)} r={4.5} className={classes.dot} />
          </g>
        ))}
        {stretches.map((each, index) => (
          <text key={index} x={x(index)} y={HEIGHT - 8} textAnchor="middle" className={chart.tick}>
            {oneDay ? (slot > 40 || index % 2 === 0 ? hour(each.end) : '') : index === 0 || day(each.end) !== day(stretches[index - 1]!.end) ? day(each.end) : ''}
          </text>
        ))}
      </svg>
    </div>
  );
}
