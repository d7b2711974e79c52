import { useId } from 'react';
import { count, percentText } from '../figures';
import classes from './charts.module.css';
import { useWidth } from './useWidth';

export interface Part {
  key: 'done' | 'started' | 'untouched';
  title: string;
  count: number;
}

/** One bar for all tasks, cut into done, started and untouched; the figures stand below with a swatch each. */
export function ProgressStack({ parts, of }: { parts: readonly Part[]; of: string }) {
  const [ref, width] = useWidth(640);
  const id = useId();
  const total = parts.reduce((sum, part) => sum + part.count, 0);
  const height = 22;
  const shown = parts.filter((part) => part.count > 0);
  const gap = 2;
  const room = width - gap * Math.max(0, shown.length - 1);
  // A part that is there is never too thin to be seen.
  const least = 3;
  const raw = shown.map((part) => Math.max(least, (room * part.count) / Math.max(1, total)));
  const scale = room / Math.max(1, raw.reduce((sum, value) => sum + value, 0));
  let x = 0;
  const boxes = shown.map((part, index) => {
    const box = { part, x, width: raw[index]! * scale };
    x += box.width + gap;
    return box;
  });
  const reading = parts.map((part) => `${part.title} ${count(part.count)} (${percentText(part.count, total)})`).join(', ');
  return (
    <div>
      <div ref={ref}>
        <svg width={width} height={height} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={classes.chart}>
          <title id={`${id}-title`}>{`Progress of ${count(total)} ${of}`}</title>
          <desc id={`${id}-desc`}>{reading}</desc>
          <defs>
            <clipPath id={`${id}-round`}>
              <rect width={width} height={height} rx={6} />
            </clipPath>
            <Hatch id={`${id}-hatch`} />
          </defs>
          <g clipPath={`url(#${id}-round)`}>
            {total === 0 && <rect width={width} height={height} className={classes.untouched} />}
            {boxes.map(({ part, x: left, width: wide }) => (
              <g key={part.key}>
                <rect x={left} width={wide} height={height} className={classes[part.key]} />
                {part.key === 'started' && <rect x={left} width={wide} height={height} fill={`url(#${id}-hatch)`} />}
              </g>
            ))}
          </g>
        </svg>
      </div>
      <dl className={classes.figures}>
        {parts.map((part) => (
          <div key={part.key}>
            <dt>
              <svg width={12} height={12} aria-hidden="true">
                <rect width={12} height={12} rx={3} className={classes[part.key]} />
                {part.key === 'started' && <rect width={12} height={12} rx={3} fill={`url(#${id}-hatch)`} />}
              </svg>
              {part.title}
            </dt>
            <dd>
              <b>{count(part.count)}</b> <span>{percentText(part.count, total)}</span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Diagonal lines: what is under way can be told without its colour. */
export const Hatch = ({ id }: { id: string }) => (
  <pattern id={id} width={6} height={6} patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width={2.5} height={6} className={classes.hatch} />
  </pattern>
);
