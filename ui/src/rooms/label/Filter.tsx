import type { LabelOut } from '../../api/types';
import css from './fields.module.css';

/** With more labels than this a field has a filter. */
export const FEW = 12;

/** The labels whose title or id holds all the words of `filter`. */
export function matching<Label extends Pick<LabelOut, 'id' | 'title'>>(labels: readonly Label[], filter: string): readonly Label[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length ? labels.filter((label) => words.every((word) => `${label.title} ${label.id}`.toLowerCase().includes(word))) : labels;
}

/** Finds a label by name, for forms with more labels than keys. Enter takes the first. */
export function Filter({ value, onChange, onPick, field }: { value: string; onChange: (value: string) => void; onPick: () => void; field: string }) {
  return (
    <input
      type="search"
      className={css.filter}
      data-filter
      placeholder="Find a label"
      aria-label={`Find a label of ${field}`}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== 'Escape') return;
        event.preventDefault();
        if (event.key === 'Enter') onPick();
        onChange('');
        event.currentTarget.blur();
      }}
    />
  );
}
