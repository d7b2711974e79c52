import { useRef, type KeyboardEvent } from 'react';
import type { AuditEntryOut, Who } from '../../api/types';
import { MarkingBadge } from '../../components/MarkingBadge';
import { capital, kindName } from '../custody/kinds';
import css from './audit.module.css';
import { act, actor, instant } from './words';

interface ResultsProps {
  entries: readonly AuditEntryOut[];
  people: readonly Who[];
  opened: string | null;
  open: (entryId: string) => void;
}

/** Entries, latest first. The act opens the entry; arrows go from one to the next. */
export function Results({ entries, people, opened, open }: ResultsProps) {
  const table = useRef<HTMLTableElement>(null);
  const step = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const all = [...(table.current?.querySelectorAll<HTMLElement>('button[data-entry]') ?? [])];
    const next = all[all.indexOf(event.target as HTMLElement) + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  };
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label="Entries">
      <table ref={table} className={css.table}>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Person</th>
            <th scope="col">Act</th>
            <th scope="col">Thing</th>
            <th scope="col">Marking</th>
            <th scope="col">Outcome</th>
          </tr>
        </thead>
        <tbody onKeyDown={step}>
          {entries.map((entry) => (
            // The button in the row is what keyboards and screen readers use.
            <tr key={entry.entry_id} onClick={() => open(entry.entry_id)} data-opened={opened === entry.entry_id || undefined}>
              <td className={css.time}>{instant(entry.at)}</td>
              <td>{actor(entry) || <span className={css.quiet}>erased</span>}</td>
              <td>
                <button type="button" data-entry className={css.act}>
                  {act(entry)}
                </button>
              </td>
              <td>
                <Thing entry={entry} people={people} />
              </td>
              <td>
                <MarkingBadge marking={entry.marking} />
              </td>
              <td data-outcome={entry.outcome === 'done' || entry.erased ? undefined : 'bad'}>{entry.outcome}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Thing({ entry, people }: { entry: AuditEntryOut; people: readonly Who[] }) {
  if (!entry.object_id) return <span className={css.quiet}>{entry.erased ? '' : capital(kindName(entry.kind))}</span>;
  const person = people.find((each) => each.id === entry.object_id);
  if (person) return <>{person.name}</>;
  return (
    <span title={entry.object_id}>
      {capital(kindName(entry.kind))} <code>{entry.object_id.slice(0, 8)}</code>
    </span>
  );
}
