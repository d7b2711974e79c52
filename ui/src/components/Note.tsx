import type { ReactNode } from 'react';
import css from './states.module.css';

/** A quiet message beside what it is about; it is read out when it appears. `good` for something done. */
export function Note({ tone = 'plain', children }: { tone?: 'plain' | 'good' | 'warn'; children: ReactNode }) {
  return (
    <div className={css.note} data-tone={tone} role="status">
      {children}
    </div>
  );
}
