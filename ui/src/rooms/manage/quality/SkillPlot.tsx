import { useId } from 'react';
import type { PersonFindings, StandingOut } from '../../../api/types';
import { count } from '../figures';
import chart from '../charts/charts.module.css';
import { useWidth } from '../charts/useWidth';
import { between, percent, skillAxis } from './scales';
import classes from './quality.module.css';

const ROW = 30;
const [DRIFT, TOP, BOTTOM] = [150, 22, 26];
/** A trend is worth a word when as large a one comes by chance once in a hundred times. */
const CLEAR = 0.01;
/** What of skill a small line shows: below it there is only the bottom. */
const SPARK_FROM = 0.4;

interface SkillPlotProps {
  people: readonly PersonFindings[];
  standings: readonly StandingOut[];
  field: string;
  title: string;
}

/** One line a person: how probably an answer of theirs is right, with its interval, and how that went over their work. */
export function SkillPlot({ people, standings, field, title }: SkillPlotProps) {
  const [ref, width] = useWidth(760);
  const nameWidth = width < 560 ? 150 : 240;
  const id = useId();
  const rows = people
    .flatMap((person) => {
      const figures = person.fields.find((each) => each.field === field);
      return figures && figures.skill !== null ? [{ person, figures, skill: figures.skill!, low: figures.low!, high: figures.high! }] : [];
    })
    .sort((a, b) => b.skill - a.skill);
  const { from, ticks } = skillAxis(rows.map((row) => row.low));
  const right = width - DRIFT;
  const x = (value: number) => between(Math.max(from, value), from, 1, nameWidth, right - 12);
  const height = TOP + rows.length * ROW + BOTTOM;
  const paused = (person: string) => standings.find((each) => each.person.id === person && each.state !== 'working');
  const says = (row: (typeof rows)[number]) => `${row.person.person.name}: ${percent(row.skill)} right (${percent(row.low)} to ${percent(row.high)}), ${count(row.figures.answers)} answers${driftSays(row.figures)}`;
  return (
    <div ref={ref}>
      <svg width={width} height={height} role="img" aria-labelledby={`${id}-title ${id}-desc`} className={chart.chart}>
        <title id={`${id}-title`}>{`Skill of annotators: ${title}`}</title>
        <desc id={`${id}-desc`}>{rows.map(says).join('; ')}</desc>
        {ticks.map((tick) => (
          <g key={tick}>
            <line x1={x(tick)} x2={x(tick)} y1={TOP} y2={height - BOTTOM} className={chart.grid} />
            <text x={x(tick)} y={height - 8} textAnchor="middle" className={chart.tick}>
              {percent(tick)}
            </text>
          </g>
        ))}
        <text x={nameWidth - 10} y={12} textAnchor="end" className={chart.tick}>
          answers
        </text>
        <text x={x(from)} y={12} className={chart.tick}>
          right
        </text>
        <text x={right + 8} y={12} className={chart.tick}>
          over their work
        </text>
        {rows.map((row, index) => {
          const y = TOP + (index + 0.5) * ROW;
          return (
            <g key={row.person.person.id}>
              <title>{says(row)}</title>
              <rect x={0} y={y - ROW / 2} width={width} height={ROW} className={classes.band} data-odd={index % 2 === 1 || undefined} />
              <text x={4} y={y + 4} className={classes.name}>
                {short(row.person.person.name, width < 560 ? 14 : 26)}
                {paused(row.person.person.id) && <tspan className={classes.warn}> · {paused(row.person.person.id)!.state}</tspan>}
              </text>
              <text x={nameWidth - 10} y={y + 4} textAnchor="end" className={chart.tick}>
                {count(row.figures.answers)}
              </text>
              <line x1={x(row.low)} x2={x(row.high)} y1={y} y2={y} className={classes.whisker} />
              <circle cx={x(row.skill)} cy={y} r={5} className={classes.dot} />
              <Drift stretches={row.figures.stretches} x={right + 8} y={y} clear={(row.figures.p_value ?? 1) < CLEAR} change={row.figures.change ?? null} />
            </g>
          );
        })}
      </svg>
      <p className={chart.note}>The dot: how probably an answer is right. The line: where that lies nineteen times out of twenty.</p>
    </div>
  );
}

function Drift({ stretches, x, y, clear, change }: { stretches: readonly (number | null)[]; x: number; y: number; clear: boolean; change: number | null }) {
  const points = stretches.flatMap((value, index) => (value === null ? [] : [[x + index * 14, between(Math.max(SPARK_FROM, value), SPARK_FROM, 1, y + 10, y - 10)] as const]));
  return (
    <g>
      {points.length > 1 && <polyline points={points.map((point) => point.join(',')).join(' ')} className={classes.spark} />}
      {points.map(([px, py], index) => (
        <circle key={index} cx={px} cy={py} r={1.8} className={classes.sparkDot} />
      ))}
      {clear && change !== null && (
        <text x={x + 54} y={y + 4} className={change < 0 ? classes.warn : classes.good}>
          {change < 0 ? '↓' : '↑'} {Math.abs(Math.round(change * 100))} pts
        </text>
      )}
    </g>
  );
}

const driftSays = (figures: PersonFindings['fields'][number]): string =>
  figures.change !== null && figures.change !== undefined && (figures.p_value ?? 1) < CLEAR ? `, ${figures.change < 0 ? 'falling' : 'rising'} by ${Math.abs(Math.round(figures.change * 100))} points over their work` : '';

const short = (name: string, most: number): string => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
