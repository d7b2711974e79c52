import { memo, useMemo, useState } from 'react';
import type { SpansField } from '../../api/types';
import { Key } from '../../components/Key';
import { labelName, type LabelKeys } from '../../lib/labelKeys';
import { paint } from '../../lib/paint';
import type { Span } from '../../lib/spans';
import type { Looks } from './Document';
import { FEW, Filter, matching } from './Filter';
import css from './fields.module.css';

interface SpanLabelsProps {
  field: SpansField;
  spans: readonly Span[];
  looks: Looks;
  keys: LabelKeys;
  armed: string | null;
  onChoose: (field: string, label: string) => void;
}

/** The labels of a spans field with how often each stands in the text. */
export const SpanLabels = memo(function SpanLabels({ field, spans, looks, keys, armed, onChoose }: SpanLabelsProps) {
  const [filter, setFilter] = useState('');
  const counts = useMemo(() => {
    const found = new Map<string, number>();
    for (const span of spans) found.set(span.label, (found.get(span.label) ?? 0) + 1);
    return found;
  }, [spans]);
  const shown = matching(field.labels, filter);
  return (
    <>
      {field.labels.length > FEW && <Filter value={filter} onChange={setFilter} onPick={() => shown[0] && onChoose(field.key, shown[0].id)} field={field.title} />}
      <div className={css.options} role="group" aria-label={field.title}>
        {shown.map((label) => {
          const name = labelName(field.key, label.id);
          const key = keys.key.get(name);
          return (
            <button
              key={label.id}
              type="button"
              className={css.option}
              aria-pressed={armed === name}
              title={label.description ?? undefined}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChoose(field.key, label.id)}
            >
              <span ref={paint({ '--c': looks.get(name)!.colour })} className={css.swatch} />
              <span className={css.title} dir="auto">
                {label.title}
              </span>
              <span className={css.count} aria-label={`${counts.get(label.id) ?? 0} spans`}>
                {counts.get(label.id) ?? ''}
              </span>
              {key && <Key k={key} />}
            </button>
          );
        })}
      </div>
    </>
  );
});
