import { useEffect, useState } from 'react';
import type { Problem } from '../../api/problem';
import type { OutboxState } from './outbox';
import type { Work } from './work';
import css from './SaveState.module.css';

interface SaveStateProps {
  work: Work | null;
  outbox: OutboxState;
  lastSentAt: string | null;
  onRetry: () => void;
}

const clock = (at: string) => new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });

/** Where the work is: only what the server has confirmed is called saved or sent. */
export function SaveState({ work, outbox, lastSentAt, onRetry }: SaveStateProps) {
  if (outbox.problem) return <Stuck what={outbox.waiting === 1 ? '1 answer not sent' : `${outbox.waiting} answers not sent`} problem={outbox.problem} retryAt={outbox.retryAt} onRetry={onRetry} />;
  const draft = work?.draft;
  if (draft?.state === 'failed') return <Stuck what="Draft not saved" problem={draft.problem} retryAt={draft.retryAt} onRetry={onRetry} />;
  if (outbox.waiting > 0) return <Line tone="busy">{outbox.waiting === 1 ? 'Sending the answer…' : `Sending ${outbox.waiting} answers…`}</Line>;
  if (draft?.state === 'saving') return <Line tone="busy">Saving…</Line>;
  if (draft?.state === 'saved') return <Line tone="good">Draft saved {clock(draft.at)}</Line>;
  if (draft?.state === 'kept') return <Line tone="good">Draft from before</Line>;
  if (lastSentAt) return <Line tone="good">Answer sent {clock(lastSentAt)}</Line>;
  return <Line tone="plain">Nothing to save yet</Line>;
}

function Line({ tone, children }: { tone: 'busy' | 'good' | 'plain'; children: React.ReactNode }) {
  return (
    <span className={css.state} data-tone={tone} data-testid="save-state" role="status">
      <svg width="8" height="8" aria-hidden>
        <circle cx="4" cy="4" r="4" />
      </svg>
      <span>{children}</span>
    </span>
  );
}

function Stuck({ what, problem, retryAt, onRetry }: { what: string; problem: Problem; retryAt: number | null; onRetry: () => void }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const seconds = retryAt && Math.max(1, Math.ceil((retryAt - now) / 1000));
  return (
    <span className={css.state} data-tone="bad" data-testid="save-state">
      <svg width="8" height="8" aria-hidden>
        <rect width="8" height="8" rx="1" />
      </svg>
      <span role="status">
        {what}: {problem.title.replace(/\.$/, '')}.
      </span>
      {seconds ? <span>Trying again in {seconds} s.</span> : <span>Trying…</span>}
      <button type="button" onClick={onRetry}>
        Try now
      </button>
    </span>
  );
}
