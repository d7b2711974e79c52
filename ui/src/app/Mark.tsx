import css from './Shell.module.css';

/** The sign of the program. */
export const Mark = ({ size }: { size: number }) => (
  <svg viewBox="0 0 32 32" width={size} height={size} aria-hidden>
    <rect width="32" height="32" rx="8" className={css.mark} />
    <circle cx="16" cy="16" r="6.5" className={css.markRing} />
  </svg>
);
