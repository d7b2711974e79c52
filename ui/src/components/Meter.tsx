import css from './Meter.module.css';

/** How much of a whole: a thin bar, with its value said in words for those who don't see it. */
export function Meter({ value, of, label }: { value: number; of: number; label: string }) {
  const share = of > 0 ? Math.min(1, Math.max(0, value / of)) : 0;
  return (
    <svg className={css.meter} role="meter" aria-label={label} aria-valuemin={0} aria-valuemax={of} aria-valuenow={Math.min(value, of)}>
      <rect className={css.track} width="100%" height="6" rx="3" />
      {share > 0 && <rect className={css.fill} width={`${share * 100}%`} height="6" rx="3" />}
    </svg>
  );
}

const duration = (seconds: number) =>
  seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;

/** Long work on its way: done of total (`percent`: as a share, where the total is no count of things), the server's estimate where it has one, and no promise where it hasn't. */
export function ProgressBar({ done, total, message, etaSeconds, percent = false }: { done: number; total: number | null; message?: string; etaSeconds?: number | null; percent?: boolean }) {
  const known = total !== null && total > 0;
  return (
    <div className={css.progress}>
      <svg className={css.meter} role="progressbar" aria-label={message || 'Progress'} aria-valuemin={0} aria-valuemax={known ? total : undefined} aria-valuenow={known ? done : undefined}>
        <rect className={css.track} width="100%" height="6" rx="3" />
        {known ? <rect className={css.fill} width={`${Math.min(100, (done / total) * 100)}%`} height="6" rx="3" /> : <rect className={css.unknown} width="30%" height="6" rx="3" />}
      </svg>
      <div className={css.words}>
        <span>{message}</span>
        <span>
          {known && percent ? `${Math.floor((done / total) * 100)}%` : done.toLocaleString()}
          {known && !percent && ` of ${total.toLocaleString()}`}
          {etaSeconds != null && ` · about ${duration(etaSeconds)} left`}
        </span>
      </div>
    </div>
  );
}
