import type { ReactNode } from 'react';
import css from './states.module.css';

/** What stands where nothing is yet: says so, and teaches the next step. `children` are the buttons. */
export function EmptyState({ icon, title, children, hint }: { icon?: ReactNode; title: string; hint?: ReactNode; children?: ReactNode }) {
  return (
    <div className={css.empty}>
      {icon && (
        <div className={css.icon} aria-hidden>
          {icon}
        </div>
      )}
      <h2>{title}</h2>
      {hint && <p>{hint}</p>}
      {children && <div className={css.actions}>{children}</div>}
    </div>
  );
}
