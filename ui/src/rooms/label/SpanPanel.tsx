import { useSyncExternalStore } from 'react';
import { Key } from '../../components/Key';
import type { Span } from '../../lib/spans';
import type { Cursor } from './cursor';
import type { Looks } from './Document';
import css from './Desk.module.css';

interface SpanPanelProps {
  cursor: Cursor;
  current: Span | null;
  text: string;
  looks: Looks;
  letter: (key: string) => string[];
}

const short = (text: string) => (text.length > 120 ? `${text.slice(0, 80)}…${text.slice(-30)}` : text);

/** What a key would act on now, and which keys there are for it. */
export function SpanPanel({ cursor, current, text, looks, letter }: SpanPanelProps) {
  const { range, end, armed } = useSyncExternalStore(cursor.subscribe, cursor.snapshot);
  const n = letter('n')[0]!;
  return (
    <section className={css.field}>
      <h2>{range ? 'Selection' : current ? 'Picked span' : 'Spans'}</h2>
      <p className={css.picked} role="status" dir="auto">
        {range && `“${short(text.slice(range[0], range[1]))}”`}
        {!range && current && `“${short(text.slice(current.start, current.end))}” · ${looks.get(`${current.field}/${current.label}`)?.title ?? current.label}`}
        {!range && !current && armed && `${looks.get(armed)?.title ?? armed}: drag over the text to mark it.`}
        {!range && !current && !armed && 'Arrows move by words and select; a label’s key marks the selection.'}
      </p>
      <dl className={css.keys}>
        {range && (
          <>
            <Hint k="shift+ArrowRight" does="extend by a word" />
            <Hint k="mod+shift+ArrowRight" does="by a character" />
          </>
        )}
        {!range && current && (
          <>
            <Hint k="shift+ArrowRight" does={`the ${end} by a word`} />
            <Hint k="mod+shift+ArrowRight" does="by a character" />
            <Hint k={letter('x')[0]!} does={`the ${end === 'end' ? 'start' : 'end'} instead`} />
            <Hint k="Delete" does="remove" />
          </>
        )}
        {!range && !current && <Hint k="ArrowRight" does="next word" />}
        <Hint k={n} does="next span" />
      </dl>
    </section>
  );
}

function Hint({ k, does }: { k: string; does: string }) {
  return (
    <div>
      <dt>
        <Key k={k} />
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
