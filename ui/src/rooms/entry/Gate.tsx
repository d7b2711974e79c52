import type { ReactNode } from 'react';
import { Banner } from '../../app/Banner';
import { Mark } from '../../app/Mark';
import css from './Gate.module.css';

/** The frame of the views before the sign-in: one small panel, and the banners that never go away. */
export function Gate({ title, sub, children }: { title: string; sub?: ReactNode; children: ReactNode }) {
  return (
    <div className={css.gate}>
      <title>{`${title} · Strongroom`}</title>
      <Banner at="top" />
      <main className={css.middle}>
        <div className={css.panel}>
          <div className={css.brand}>
            <Mark size={28} />
            Strongroom
          </div>
          <h1>{title}</h1>
          {sub && <p className={css.sub}>{sub}</p>}
          {children}
        </div>
      </main>
      <Banner at="bottom" />
    </div>
  );
}
