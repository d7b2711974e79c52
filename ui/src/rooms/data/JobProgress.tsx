import { Button } from '@mantine/core';
import { useState } from 'react';
import { clientAt } from '../../api/client';
import type { JobOut } from '../../api/types';
import { ErrorNote } from '../../components/ErrorNote';
import { ProgressBar } from '../../components/Meter';
import classes from './data.module.css';

interface JobProgressProps {
  job: JobOut;
  /** Text of the marking that the job runs at: it is stopped and resumed there. */
  level: string;
  /** What runs, as one word. */
  what: string;
  /** What stays when it is stopped. */
  kept: string;
  changed: () => void;
}

/** Long work: its progress while it runs, a way to stop it, and a way to go on where it stopped. Nothing once it is done. */
export function JobProgress({ job, level, what, kept, changed }: JobProgressProps) {
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const act = async (verb: 'cancel' | 'resume') => {
    setBusy(true);
    setError(null);
    try {
      await clientAt(level).POST(`/api/v1/jobs/{job_id}/${verb}`, { params: { path: { job_id: job.id } } });
      changed();
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (job.state === 'done') return null;
  const running = job.state === 'queued' || job.state === 'running';
  return (
    <div className={classes.job}>
      {running ? (
        <>
          <ProgressBar done={job.done} total={job.total} message={job.message || (job.state === 'queued' ? 'Waiting for its turn' : 'Running')} etaSeconds={job.eta_seconds} percent={job.kind === 'label.import'} />
          <div className={classes.jobFoot}>
            <span>You can leave this page; the {what} goes on.</span>
            <Button size="compact-xs" variant="default" loading={busy} onClick={() => void act('cancel')}>
              Stop the {what}
            </Button>
          </div>
        </>
      ) : (
        <div className={classes.stopped} role={job.state === 'failed' ? 'alert' : undefined}>
          <p>
            <b>{job.state === 'failed' ? `The ${what} failed` : `The ${what} was stopped`}</b>
            {job.total ? ` at ${Math.floor((job.done / job.total) * 100)}%` : ''}. {job.message} {kept}
          </p>
          <Button size="compact-xs" variant="default" loading={busy} onClick={() => void act('resume')}>
            Go on where it stopped
          </Button>
        </div>
      )}
      {error != null && <ErrorNote error={error} close={() => setError(null)} />}
    </div>
  );
}
