import IconCheck from '@tabler/icons-react/dist/esm/icons/IconCheck.mjs';
import { memo, useRef, useState, type KeyboardEvent } from 'react';
import type { ClassField } from '../../api/types';
import { Key } from '../../components/Key';
import { labelName, type LabelKeys } from '../../lib/labelKeys';
import { hex, paint } from '../../lib/paint';
import { FEW, Filter, matching } from './Filter';
import css from './fields.module.css';

interface ClassOptionsProps {
  field: ClassField;
  chosen: readonly string[];
  keys: LabelKeys;
  onChoose: (field: string, label: string) => void;
}

/** The labels of a class field. Tab comes here once, arrows move inside, Space or the label's key chooses. */
export const ClassOptions = memo(function ClassOptions({ field, chosen, keys, onChoose }: ClassOptionsProps) {
  const [filter, setFilter] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const shown = matching(field.labels, filter);
  const entry = shown.find((label) => chosen.includes(label.id)) ?? shown[0];

  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!step || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const options = [...list.current!.querySelectorAll<HTMLElement>('button')];
    const index = options.indexOf(document.activeElement as HTMLElement);
    options[(index + step + options.length) % options.length]?.focus();
  };

  return (
    <>
      {field.labels.length > FEW && <Filter value={filter} onChange={setFilter} onPick={() => shown[0] && onChoose(field.key, shown[0].id)} field={field.title} />}
      <div ref={list} className={css.options} role={field.multiple ? 'group' : 'radiogroup'} aria-label={field.title} aria-required={field.multiple ? undefined : field.required} onKeyDown={move}>
        {shown.map((label) => {
          const on = chosen.includes(label.id);
          const key = keys.key.get(labelName(field.key, label.id));
          return (
            <button
              key={label.id}
              type="button"
              role={field.multiple ? 'checkbox' : 'radio'}
              aria-checked={on}
              tabIndex={label === entry ? 0 : -1}
              className={css.option}
              title={label.description ?? undefined}
              // The text keeps the focus, so that the arrows go on moving there.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => onChoose(field.key, label.id)}
            >
              <span className={css.box} data-round={!field.multiple || undefined}>
                {on && <IconCheck size={12} stroke={3} aria-hidden />}
              </span>
              {label.colour && <span ref={paint({ '--c': hex(label.colour, '#5b6770') })} className={css.swatch} />}
              <span className={css.title} dir="auto">
                {label.title}
              </span>
              {key && <Key k={key} />}
            </button>
          );
        })}
      </div>
    </>
  );
});
