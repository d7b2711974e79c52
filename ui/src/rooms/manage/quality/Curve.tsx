import { useId } from 'react';
import { count } from '../figures';
import chart from '../charts/charts.module.css';
import { useWidth } from '../charts/useWidth';
import { between, ticksBetween } from './scales';
import classes from './quality.module.css';

const HEIGHT = 180;
const [LEFT, RIGHT, BOTTOM, TOP] = [44, 18, 26, 26];

interface Point {
  judgements: number;
  right?: number | null;
}

/** What more answers would set right: steep at first, flat where more is no longer worth it. */
export function Curve({ points }: { points: readonly Point[] }) {
  const [ref, width] = useWidth(420);
  const id = useId();
  const known = points.filter((point): point is { judgements: number; right: number } => point.right !== null && point.right !== undefined);
  const most = Math.max(1, ...known.map((point) => point.right));
  const far = Math.max(1, ...known.map((point) => point.judgements));
  const ticks = ticksBetween(0, most);
  const top = Math.max(most, ticks.at(-1)!);
  const x = (value: number) => between(value, 0, far, LEFT, width - RIGHT);
  const y = (value: number) => between(value, 0, top, HEIGHT - BOTTOM, TOP);
  // A label needs its room: the far end first, then whatever fits before it.
  const named = new Set<number>();
  let free = Infinity;
  for (const point of [...known].reverse())
    if (free - x(point.judgements) > 52) {
      named.add(point.judgements);
      free = x(point.judgements);
    }
  const path = known.map((point, index) => `${index ? 'L' : 'M'}${x(point.judgements)} ${y(point.right)}`).join('');
  return (
    <div ref={ref}>
      <svg width={width} height={HEIGHT} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={chart.chart}>
        <title id={`${id}-title`}>Labels that more answers would set right</title>
        <desc id={`${id}-desc`}>{known.map((point) => `${count(point.judgements)} more: ${point.right.toFixed(1)} labels`).join(', ')}</desc>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} className={tick === 0 ? chart.base : chart.grid} />
            <text x={LEFT - 8} y={y(tick) + 4} textAnchor="end" className={chart.tick}>
              {count(tick)}
            </text>
          </g>
        ))}
        <text x={0} y={10} className={chart.tick}>
          labels set right
        </text>
        <text x={width - RIGHT} y={10} textAnchor="end" className={chart.tick}>
          after so many more answers
        </text>
        <path d={`${path}L${x(far)} ${y(0)}L${x(0)} ${y(0)}Z`} className={classes.area} />
        <path d={path} className={classes.line} />
        {known.map((point) => (
          <g key={point.judgements}>
            <circle cx={x(point.judgements)} cy={y(point.right)} r={3.5} className={chart.bar}>
              <title>{`${count(point.judgements)} more: ${point.right.toFixed(1)}`}</title>
            </circle>
            {named.has(point.judgements) && (
              <text x={x(point.judgements)} y={HEIGHT - 8} textAnchor={point.judgements === far ? 'end' : 'middle'} className={chart.tick}>
                {point.judgements ? `+${count(point.judgements)}` : 'now'}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}
