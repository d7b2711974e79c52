import type { ActOut } from '../../api/types';
import { MarkingBadge } from '../../components/MarkingBadge';
import { act as inWords, means } from '../audit/words';
import css from './custody.module.css';

/** Entries of the audit log, latest first. */
export function ActsTable({ acts }: { acts: readonly ActOut[] }) {
  if (!acts.length) return <p className={css.quiet}>Nobody, as far as you may see the log.</p>;
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label="Who saw it">
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col">What</th>
            <th scope="col">How</th>
            <th scope="col">Marking</th>
          </tr>
        </thead>
        <tbody>
          {acts.map((act) => (
            <tr key={act.id}>
              <td>{moment(act.at)}</td>
              <td>{act.person?.name ?? 'nobody known'}</td>
              <td>
                <span title={act.action}>{inWords(act)}</span>
                {act.outcome !== 'done' && <em>{act.outcome}</em>}
              </td>
              <td>{means(act.how)}</td>
              <td>
                <MarkingBadge marking={act.marking} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export const moment = (at: string): string => new Date(at).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' });
