import type { ReactNode } from 'react';
import css from './Page.module.css';

interface PageProps {
  title: ReactNode;
  /** The window's title, where it isn't the heading. */
  name?: string;
  sub?: ReactNode;
  /** Buttons at the right of the heading. */
  actions?: ReactNode;
  /** Full: the content fills the window and scrolls by itself (a desk). Otherwise it is a column that scrolls. */
  full?: boolean;
  children: ReactNode;
}

/** A view: heading bar on top, content below. Sets the window's title. */
export function Page({ title, name, sub, actions, full, children }: PageProps) {
  return (
    <>
      {(name ?? typeof title === 'string') && <title>{`${name ?? (title as string)} · Strongroom`}</title>}
      <header className={css.head}>
        <div className={css.names}>
          <h1 title={typeof title === 'string' ? title : undefined}>{title}</h1>
          {sub && <div className={css.sub}>{sub}</div>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {full ? (
        <div className={css.full}>{children}</div>
      ) : (
        <div className={css.scroll}>
          <div className={css.column}>{children}</div>
        </div>
      )}
    </>
  );
}

/** A panel with an optional heading, and what belongs at the right of the heading. */
export function Card({ title, aside, children }: { title?: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.card}>
      {title && (
        <div className={css.cardHead}>
          <h2>{title}</h2>
          {aside}
        </div>
      )}
      {children}
    </section>
  );
}
