import { Fragment, useMemo } from 'react';
import type { FieldOut } from '../../../api/types';
import { segments, type Span } from '../../../lib/spans';
import { hex, paint } from '../../../lib/paint';
import { labelTitle } from './answers';
import classes from './tasks.module.css';

/** A text with an answer's spans drawn in it, for reading only. Overlapping spans stack their underlines. */
export function SpanText({ text, spans, field }: { text: string; spans: readonly Span[]; field: Extract<FieldOut, { kind: 'spans' }> }) {
  const parts = useMemo(() => segments(0, text.length, spans), [text, spans]);
  const colour = (id: string) => hex(field.labels.find((label) => label.id === id)?.colour, '#55646e');
  return (
    <p className={classes.text}>
      {parts.map(({ start, end, spans: over }) => {
        const piece = text.slice(start, end);
        if (!over.length) return <Fragment key={start}>{piece}</Fragment>;
        const starting = over.filter(({ span }) => span.start === start);
        const lanes = Math.max(...over.map(({ lane }) => lane)) + 1;
        // The topmost span tints; every span has an underline of its own.
        const top = over.at(-1)!.span;
        const lines = over.map(({ span, lane }) => `linear-gradient(${colour(span.label)}, ${colour(span.label)}) 0 calc(100% - ${(lanes - 1 - lane) * 3}px) / 100% 2px no-repeat`).join(', ');
        return (
          <mark key={start} ref={paint({ '--tag': colour(top.label), '--lines': lines })} className={classes.span} title={over.map(({ span }) => labelTitle(field, span.label)).join(', ')}>
            {starting.map(({ span }) => (
              <b key={span.id} ref={paint({ '--tag': colour(span.label) })}>
                {labelTitle(field, span.label)}
              </b>
            ))}
            {piece}
          </mark>
        );
      })}
    </p>
  );
}
