/** Drafts on their way to the server: soon after a change, one at a time, tried again until they are there. */
import { asProblem, type Problem } from '../../api/problem';
import { backoff } from './backoff';

export type DraftState =
  | { state: 'none' }
  /** Saved in an earlier sitting. */
  | { state: 'kept' }
  | { state: 'saving' }
  | { state: 'saved'; at: string }
  /** `retryAt` in `Date.now()` time; null where trying again is no use. */
  | { state: 'failed'; problem: Problem; retryAt: number | null };

/** How long after the first unsaved change a draft is sent. */
const DELAY = 700;

interface Job {
  send: () => Promise<string>;
  dirty: boolean;
  timer: ReturnType<typeof setTimeout> | null;
  flight: Promise<void> | null;
  tries: number;
}

export class Autosave {
  private jobs = new Map<string, Job>();

  /** `report` is told of every change of a draft's state, `count` of how many drafts the server doesn't have yet. */
  constructor(
    private readonly report: (id: string, state: DraftState) => void,
    private readonly count: (unsaved: number) => void,
  ) {}

  /** Something changed in `id`; `send` saves what is there when it is called and says when it was saved. */
  changed(id: string, send: () => Promise<string>): void {
    const job = this.jobs.get(id) ?? { send, dirty: false, timer: null, flight: null, tries: 0 };
    this.jobs.set(id, job);
    job.send = send;
    job.dirty = true;
    this.report(id, { state: 'saving' });
    this.tally();
    if (!job.flight && !job.timer) this.arm(id, job, DELAY);
  }

  /** Ends saving of `id`, since the answer itself is sent now: waits for a draft on its way, sends no other. */
  async settle(id: string): Promise<void> {
    const job = this.jobs.get(id);
    if (!job) return;
    this.jobs.delete(id);
    if (job.timer) clearTimeout(job.timer);
    job.dirty = false;
    await job.flight;
    this.tally();
  }

  /** Sends everything unsaved at once. */
  flush(): void {
    for (const [id, job] of this.jobs) {
      if (!job.dirty || job.flight) continue;
      if (job.timer) clearTimeout(job.timer);
      this.send(id, job);
    }
  }

  private tally(): void {
    this.count([...this.jobs.values()].filter((job) => job.dirty || job.flight).length);
  }

  private arm(id: string, job: Job, delay: number): void {
    job.timer = setTimeout(() => this.send(id, job), delay);
  }

  private send(id: string, job: Job): void {
    job.timer = null;
    job.flight = this.once(id, job).finally(() => {
      job.flight = null;
      if (job.dirty && !job.timer && this.jobs.get(id) === job) this.arm(id, job, DELAY);
      this.tally();
    });
  }

  private async once(id: string, job: Job): Promise<void> {
    job.dirty = false;
    const current = () => this.jobs.get(id) === job;
    try {
      const at = await job.send();
      job.tries = 0;
      if (current() && !job.dirty) this.report(id, { state: 'saved', at });
    } catch (error) {
      const problem = asProblem(error);
      if (!current()) return;
      if (!problem.passing && problem.status !== 401) {
        this.jobs.delete(id);
        return this.report(id, { state: 'failed', problem, retryAt: null });
      }
      const pause = backoff(++job.tries);
      job.dirty = true;
      this.arm(id, job, pause);
      this.report(id, { state: 'failed', problem, retryAt: Date.now() + pause });
    }
  }
}
