/**
 * A sitting at the desk: the tasks one has had, the one at hand, the next one already fetched. Moving on never waits
 * for the server: answers go out through the outbox, drafts through autosave, and both say how far they are.
 */
import { asProblem, Problem } from '../../api/problem';
import type { AssignmentOut, Feedback, FieldOut, RecentOut } from '../../api/types';
import { setUnsaved } from '../../app/unsaved';
import { redo, undo } from '../../lib/history';
import { missing, type Answer, type Json } from './answer';
import { Autosave } from './autosave';
import { backoff } from './backoff';
import type { DeskApi } from './deskApi';
import { Outbox, type OutboxState } from './outbox';
import { Stopwatch } from './stopwatch';
import type { Tabs } from './tabs';
import { answered, isAsSent, isTouched, open, toSend, type Work } from './work';

export interface Notice {
  id: number;
  kind: 'lost' | 'refused' | 'trouble';
  problem: Problem;
  /** The work it is about, to open it from the notice. */
  about: string | null;
}

export interface SittingState {
  works: readonly Work[];
  /** Which of the works is on screen; past the last one while the next is on its way or there is none. */
  at: number;
  /** What is known about the task after the last of `works`. */
  front: { state: 'loading' } | { state: 'none' } | { state: 'failed'; problem: Problem; retryAt: number | null };
  outbox: OutboxState;
  lastSentAt: string | null;
  sentHere: number;
  notices: readonly Notice[];
  /** Required fields that were empty when the person wanted to submit. */
  missing: readonly string[];
  /** What a training task had to say, until it is read. */
  lesson: Lesson | null;
}

export interface Lesson {
  text: string;
  given: Json;
  feedback: Feedback;
}

interface Settings {
  api: DeskApi;
  fields: readonly FieldOut[];
  leaseSeconds: number;
  tabs: Pick<Tabs, 'othersHold' | 'close'>;
}

/** How often leases are looked after. */
const TICK = 10_000;
/** Time without a key or a click, beyond which it isn't counted as work. */
const IDLE = 120_000;
/** Keystrokes in one field closer together than this are one step to undo. */
const TYPING = 900;

let sittings = 0;

export class Sitting {
  state: SittingState = {
    works: [],
    at: 0,
    front: { state: 'loading' },
    outbox: { waiting: 0, problem: null, retryAt: null },
    lastSentAt: null,
    sentHere: 0,
    notices: [],
    missing: [],
    lesson: null,
  };
  private readonly answers = `answers ${++sittings}`;
  private readonly drafts = `drafts ${sittings}`;
  private readonly watchers = new Set<() => void>();
  private readonly outbox: Outbox;
  private readonly autosave: Autosave;
  private readonly stopwatch = new Stopwatch();
  /** The task after this one; null when there is none, undefined while that isn't known. */
  private ahead: Work | null | undefined;
  private fetching: Promise<void> | null = null;
  private fetchTries = 0;
  private frontTimer: ReturnType<typeof setTimeout> | null = null;
  private readonly renewed = new Map<string, number>();
  private lastActive = performance.now();
  private lastTyped = { place: '', at: 0 };
  private older: { items: RecentOut[]; cursor: string | null; done: boolean } = { items: [], cursor: null, done: false };
  private goingBack = false;
  private ticker: ReturnType<typeof setInterval> | null = null;
  private noticeIds = 0;
  private closed = false;

  constructor(private readonly settings: Settings) {
    this.outbox = new Outbox((outbox) => {
      setUnsaved(this.answers, outbox.waiting);
      this.set({ outbox });
    });
    this.autosave = new Autosave(
      (id, draft) => this.update(id, (work) => ({ ...work, draft })),
      (unsaved) => setUnsaved(this.drafts, unsaved),
    );
  }

  // --- for the view

  readonly subscribe = (tell: () => void) => {
    this.watchers.add(tell);
    return () => void this.watchers.delete(tell);
  };
  readonly snapshot = (): SittingState => this.state;

  get current(): Work | null {
    return this.state.works[this.state.at] ?? null;
  }

  start(): void {
    this.ticker = setInterval(() => this.tick(), TICK);
    window.addEventListener('online', this.comeBack);
    document.addEventListener('visibilitychange', this.visibility);
    void this.reachFront();
  }

  /** Leaves the desk. What is unsent goes on being sent. */
  close(): void {
    this.closed = true;
    if (this.ticker) clearInterval(this.ticker);
    if (this.frontTimer) clearTimeout(this.frontTimer);
    window.removeEventListener('online', this.comeBack);
    document.removeEventListener('visibilitychange', this.visibility);
    this.autosave.flush();
    this.stopwatch.close();
    this.settings.tabs.close();
  }

  /** The assignments in hand: on screen, behind, ahead, or answered but not yet sent. */
  held(): string[] {
    const open = this.state.works.filter((work) => (work.state === 'open' && work.leased) || work.state === 'sending').map((work) => work.id);
    return this.ahead ? [...open, this.ahead.id] : open;
  }

  /** Somebody is here: leases are kept for those who work, not for an open window. */
  active(): void {
    const now = performance.now();
    const away = now - this.lastActive;
    this.lastActive = now;
    if (away > IDLE) this.stopwatch.show(this.current?.id ?? null);
    if (away > TICK) this.tick();
  }

  // --- answering

  /** Changes fields of the task on screen, as one step; `typing`: keystrokes that belong together are one step too. */
  answer(changes: Partial<Answer>, typing = false): void {
    const work = this.current;
    if (!work || work.state === 'lost') return;
    const keys = Object.keys(changes);
    const place = `${work.id} ${keys.join(' ')}`;
    const now = performance.now();
    const more = typing && this.lastTyped.place === place && now - this.lastTyped.at < TYPING;
    this.lastTyped = { place: typing ? place : '', at: now };
    const next = answered(work, changes, more);
    if (next === work) return;
    this.replace(next);
    this.set({ missing: this.state.missing.filter((key) => !keys.includes(key)) });
  }

  undo(): void {
    const work = this.current;
    this.lastTyped.place = '';
    if (work?.history.past && work.state !== 'lost') return this.replace({ ...work, history: undo(work.history) });
    // Nothing left to undo here: the step before was the submit of the task before.
    const before = this.state.works[this.state.at - 1];
    if (!before?.here) return;
    // Taken back if it never left; otherwise it stands on the server until it is submitted again.
    if (this.outbox.cancel(before.id)) this.update(before.id, (each) => ({ ...each, state: 'open', skipped: false }));
    this.show(this.state.at - 1);
  }

  redo(): void {
    const work = this.current;
    this.lastTyped.place = '';
    if (!work) return;
    if (work.history.future) return this.replace({ ...work, history: redo(work.history) });
    if (!work.here || !isAsSent(this.settings.fields, work)) return;
    if (work.state === 'open') this.send(work);
    this.forward();
  }

  /** Sends the answer on screen and goes on. Stays where a required field is empty. */
  submit(): void {
    const work = this.current;
    if (!work) return;
    if (work.state === 'lost') return this.forward();
    if ((work.state === 'sent' || work.state === 'sending') && isAsSent(this.settings.fields, work)) return this.forward();
    const empty = missing(this.settings.fields, work.history.now);
    if (empty.length) return this.set({ missing: empty });
    this.send(work);
    this.forward();
  }

  private send(work: Work): void {
    const { api, fields } = this.settings;
    const result = toSend(fields, work);
    const seconds = this.stopwatch.seconds(work.id);
    const answer = work.history.now;
    const previous = work.sent;
    this.update(work.id, (each) => ({ ...each, state: 'sending', here: true, skipped: false, sent: { answer, at: null, revision: previous?.revision ?? 0 } }));
    this.outbox.add({
      about: work.id,
      send: async (key) => {
        await this.autosave.settle(work.id);
        return api.submit(work.id, work.lease, result, seconds, key);
      },
      done: ({ submitted_at: at, revision, feedback }) => {
        if (feedback) this.set({ lesson: { text: work.text, given: result, feedback } });
        // Unless it was changed, or sent once more, in the meantime.
        const latest = !this.outbox.holds(work.id);
        this.update(work.id, (each) => ({ ...each, ...(latest && { state: 'sent' as const, sent: { answer, at, revision } }), ...(each.history.now === answer && { draft: { state: 'none' as const } }) }));
        this.set({ lastSentAt: at, sentHere: this.state.sentHere + (revision === 1 ? 1 : 0) });
      },
      refused: (problem) => {
        const lost = problem.status === 409 || problem.status === 404 || problem.status === 410;
        this.update(work.id, (each) => ({ ...each, state: lost ? 'lost' : previous ? 'sent' : 'open', sent: previous }));
        this.notify(lost ? 'lost' : 'refused', problem, work.id);
        const now = this.state.works.find((each) => each.id === work.id);
        if (now && !lost) this.save(now);
      },
    });
  }

  skip(reason: string): void {
    const work = this.current;
    if (!work || work.state !== 'open') return;
    const { api } = this.settings;
    this.outbox.add({
      about: work.id,
      send: async (key) => {
        await this.autosave.settle(work.id);
        return api.skip(work.id, work.lease, reason, key);
      },
      done: () => this.update(work.id, (each) => ({ ...each, state: 'open', leased: false, skipped: true })),
      refused: (problem) => {
        this.update(work.id, (each) => ({ ...each, state: 'open', leased: false }));
        // It went to someone else meanwhile: then nobody waits for this skip.
        if (problem.status !== 409) this.notify('trouble', problem, work.id);
      },
    });
    this.update(work.id, (each) => ({ ...each, state: 'sending', here: true, skipped: true }));
    this.forward();
  }

  /** Flags the task on screen for the managers; an empty note takes the flag away. Throws a Problem. */
  async flag(note: string): Promise<void> {
    const work = this.current;
    if (!work) return;
    await this.settings.api.flag(work.id, note);
    this.update(work.id, (each) => ({ ...each, flag: note || null }));
  }

  // --- moving

  /** To the task after this one; what was done here stays as it is. */
  forward(): void {
    const { works, at } = this.state;
    if (at >= works.length) return;
    let next = at + 1;
    // What was skipped, or went to someone else before anything was done on it, is passed by.
    while (works[next] && (works[next]!.skipped || (works[next]!.state === 'lost' && !isTouched(works[next]!)))) next++;
    this.show(next);
    if (next >= works.length) void this.reachFront();
  }

  /** To the task before this one; past the first of this sitting, to earlier work. */
  async back(): Promise<void> {
    if (this.state.at > 0) return this.show(this.state.at - 1);
    if (this.goingBack) return;
    this.goingBack = true;
    try {
      const id = await this.nextOlder();
      if (id) this.insert(await this.settings.api.get(id), 0);
    } catch (error) {
      this.notify('trouble', asProblem(error), null);
    } finally {
      this.goingBack = false;
    }
  }

  /** Opens a piece of one's own earlier work, before the task on screen. Throws a Problem. */
  async openRecent(id: string): Promise<void> {
    const index = this.state.works.findIndex((work) => work.id === id);
    if (index >= 0) return this.show(index);
    this.insert(await this.settings.api.get(id), this.state.at);
  }

  /** The lesson was read: on with the next task. */
  learnt(): void {
    this.set({ lesson: null });
  }

  dismiss(id: number): void {
    this.set({ notices: this.state.notices.filter((notice) => notice.id !== id) });
  }

  /** Tries everything that waits at once. */
  retry(): void {
    this.outbox.retryNow();
    this.autosave.flush();
    if (!this.current && this.state.front.state !== 'loading') {
      this.ahead = undefined;
      void this.reachFront();
    }
  }

  // --- the next task

  /** Puts the next task on screen: at once if it is here already, else as soon as it comes. */
  private async reachFront(): Promise<void> {
    if (!this.take()) {
      this.set({ front: { state: 'loading' } });
      await this.fetch();
    }
    if (!this.closed && this.current) void this.fetch();
  }

  private take(): boolean {
    if (!this.ahead) return false;
    const work = this.ahead;
    this.ahead = undefined;
    this.set({ works: [...this.state.works, work], front: { state: 'loading' } });
    this.stopwatch.show(this.current?.id ?? null);
    return true;
  }

  /** Fetches the task after the last one, unless it is here. */
  private fetch(): Promise<void> {
    this.fetching ??= this.fetchOnce().finally(() => {
      this.fetching = null;
      // Moved on meanwhile: what came is now wanted on screen, and another one behind it.
      if (!this.closed && !this.current && this.ahead && this.take()) void this.fetch();
    });
    return this.fetching;
  }

  private async fetchOnce(): Promise<void> {
    if (this.ahead) return;
    if (this.frontTimer) clearTimeout(this.frontTimer);
    const { api, fields, tabs } = this.settings;
    try {
      const others = await tabs.othersHold();
      const assignment = await api.next([...new Set([...others, ...this.held()])].slice(-50));
      if (this.closed) return;
      this.fetchTries = 0;
      // Nothing new: what is here already is the last there is.
      const known = assignment && this.state.works.some((work) => work.id === assignment.id);
      this.ahead = assignment && !known ? open(fields, assignment) : null;
      if (this.ahead) this.renewed.set(this.ahead.id, performance.now());
      this.set({ front: this.ahead ? { state: 'loading' } : { state: 'none' } });
    } catch (error) {
      if (this.closed) return;
      const problem = asProblem(error);
      const again = problem.passing || problem.status === 401 ? backoff(++this.fetchTries) : null;
      this.set({ front: { state: 'failed', problem, retryAt: again && Date.now() + again } });
      if (again) this.frontTimer = setTimeout(() => void this.fetch(), again);
    }
  }

  // --- earlier work

  private async nextOlder(): Promise<string | null> {
    const known = new Set(this.state.works.map((work) => work.id));
    for (;;) {
      const item = this.older.items.shift();
      if (item && item.state === 'submitted' && !known.has(item.assignment_id)) return item.assignment_id;
      if (item) continue;
      if (this.older.done) return null;
      const page = await this.settings.api.recent(this.older.cursor ?? undefined);
      this.older = { items: page.items, cursor: page.next ?? null, done: !page.next };
    }
  }

  private insert(assignment: AssignmentOut, index: number): void {
    const work = open(this.settings.fields, assignment);
    this.renewed.set(work.id, performance.now());
    this.set({ works: this.state.works.toSpliced(index, 0, work) });
    this.show(index);
  }

  // --- leases

  private tick(): void {
    const now = performance.now();
    const { leaseSeconds, api } = this.settings;
    if (now - this.lastActive > IDLE) this.stopwatch.show(null);
    if (now - this.lastActive > leaseSeconds * 1000) return;
    const open = [...this.state.works.filter((work) => work.state === 'open' && work.leased), ...(this.ahead ? [this.ahead] : [])];
    for (const work of open) {
      if (now - (this.renewed.get(work.id) ?? 0) < (leaseSeconds * 1000) / 3) continue;
      this.renewed.set(work.id, now);
      api.heartbeat(work.id, work.lease).catch((error: unknown) => this.leaseTrouble(work, asProblem(error)));
    }
  }

  private leaseTrouble(work: Work, problem: Problem): void {
    // Unreachable for now: asked again at the next tick.
    if (problem.passing || problem.status === 401) return void this.renewed.delete(work.id);
    if (this.ahead?.id === work.id) {
      this.ahead = undefined;
      return void this.fetch();
    }
    this.update(work.id, (each) => (each.state === 'open' ? { ...each, state: 'lost' } : each));
    if (this.current?.id === work.id) this.notify('lost', problem, work.id);
  }

  private readonly comeBack = () => this.retry();
  private readonly visibility = () => {
    if (document.visibilityState === 'hidden') this.autosave.flush();
    else this.tick();
    this.stopwatch.show(document.visibilityState === 'hidden' ? null : (this.current?.id ?? null));
  };

  // --- state

  private show(at: number): void {
    this.set({ at, missing: [] });
    this.stopwatch.show(this.current?.id ?? null);
  }

  private save(work: Work): void {
    const { api, fields } = this.settings;
    this.autosave.changed(work.id, () => {
      const now = this.state.works.find((each) => each.id === work.id) ?? work;
      return api.saveDraft(work.id, toSend(fields, now), this.stopwatch.seconds(work.id));
    });
  }

  private replace(work: Work): void {
    this.update(work.id, () => work);
    this.save(work);
  }

  private update(id: string, change: (work: Work) => Work): void {
    this.set({ works: this.state.works.map((work) => (work.id === id ? change(work) : work)) });
  }

  private notify(kind: Notice['kind'], problem: Problem, about: string | null): void {
    this.set({ notices: [...this.state.notices, { id: ++this.noticeIds, kind, problem, about }] });
  }

  private set(change: Partial<SittingState>): void {
    this.state = { ...this.state, ...change };
    this.watchers.forEach((tell) => tell());
  }
}
