import { useMemo } from 'react';
import type { TraceOut } from '../../api/types';
import { hex, paint } from '../../lib/paint';
import { counted, kindName, capital } from './kinds';
import { HERE, keyOf, layOut } from './layout';
import css from './custody.module.css';

const WIDEST = 168;
const NARROWEST = 112;
const HEIGHT = 66;
const GAP_Y = 14;
/** What a laptop's screen has beside the navigation. */
const ROOM = 976;

type Mark = TraceOut['thing']['marking'];
interface DrawingProps {
  trace: TraceOut;
  chosen: string | null;
  choose: (key: string) => void;
}

/** Where a thing came from at the left, where it went at the right: a box a kind, each with the bands of its markings. */
export function Drawing({ trace, chosen, choose }: DrawingProps) {
  const layout = useMemo(() => layOut(trace.thing.kind, trace.groups, trace.links), [trace]);
  const gap = layout.columns > 5 ? 20 : 36;
  const boxWidth = Math.max(NARROWEST, Math.min(WIDEST, Math.floor((ROOM + gap) / layout.columns) - gap));
  const left = (column: number) => column * (boxWidth + gap);
  const top = (row: number) => row * (HEIGHT + GAP_Y);
  const width = left(layout.columns) - gap;
  const height = top(layout.rows) - GAP_Y;
  const groups = new Map(trace.groups.map((group) => [keyOf(group), group]));
  return (
    <div className={css.drawing} tabIndex={0} role="group" aria-label="Drawing of where it came from and where it went">
      <div className={css.canvas} ref={paint({ width: `${width}px`, height: `${height}px` })}>
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden>
          {layout.lines.map(({ from, to }) => {
            const [a, b] = [layout.boxes.get(from), layout.boxes.get(to)];
            if (!a || !b) return null;
            const [x1, y1, x2, y2] = [left(a.column) + boxWidth, top(a.row) + HEIGHT / 2, left(b.column), top(b.row) + HEIGHT / 2];
            const bend = Math.max(10, (x2 - x1) / 2);
            return <path key={`${from} ${to}`} d={`M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 5} ${y2}`} />;
          })}
          {layout.lines.map(({ from, to }) => {
            const b = layout.boxes.get(to);
            if (!b) return null;
            const [x, y] = [left(b.column), top(b.row) + HEIGHT / 2];
            return <path key={`tip ${from} ${to}`} className={css.tip} d={`M${x} ${y}l-6 -3.5v7z`} />;
          })}
        </svg>
        {[...layout.boxes.values()].map((box) => {
          const place = paint({ left: `${left(box.column)}px`, top: `${top(box.row)}px`, width: `${boxWidth}px`, height: `${HEIGHT}px` });
          if (box.key === HERE)
            return (
              <div key={box.key} ref={place} className={css.box} data-here>
                <Bands marks={[{ marking: trace.thing.marking, things: 1 }]} />
                <b>{capital(kindName(trace.thing.kind))}</b>
                <span>{trace.thing.name ?? trace.thing.id.slice(0, 8)}</span>
                <small>{trace.thing.marking.portion}</small>
              </div>
            );
          const group = groups.get(box.key)!;
          return (
            <button key={box.key} type="button" ref={place} className={css.box} aria-pressed={chosen === box.key} onClick={() => choose(box.key)}>
              <Bands marks={group.markings} />
              <b>{group.only ? capital(kindName(group.kind)) : capital(counted(group.things, group.kind, group.more))}</b>
              {group.only && <span>{group.only.name ?? group.only.id.slice(0, 8)}</span>}
              <small>{group.markings.map((each) => each.marking.portion).join(' ')}</small>
            </button>
          );
        })}
      </div>
    </div>
  );
}

/** The colours of a box's markings, each as high as its share. */
function Bands({ marks }: { marks: readonly { marking: Mark; things: number }[] }) {
  return (
    <i className={css.bands} aria-hidden>
      {marks.map(({ marking, things }) => (
        <i key={marking.text} ref={paint({ '--mark': hex(marking.colour, '#5b6770'), 'flex-grow': String(things) })} />
      ))}
    </i>
  );
}
