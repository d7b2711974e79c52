import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../../api/problem';
import type { AssignmentOut, FieldOut } from '../../api/types';
import type { DeskApi } from './deskApi';
import { Sitting } from './sitting';

const marking = { text: 'INTERNAL', portion: '(I)', level: 'Internal', colour: '#1971c2', ink: '#ffffff' };
const fields: FieldOut[] = [
  { key: 'kind', kind: 'class', title: 'Kind', required: true, multiple: false, labels: [{ id: 'spill', title: 'Spill' }, { id: 'fire', title: 'Fire' }] },
  { key: 'note', kind: 'text', title: 'Note', required: false, max_length: 100 },
];

const assignment = (n: number, more: Partial<AssignmentOut> = {}): AssignmentOut => ({
  id: `a${n}`, project_id: 'p', task: { id: `t${n}`, external_id: null, text: `Text number ${n}`, data: {} }, marking, state: 'claimed', lease: `lease${n}`,
  lease_until: '2031-01-01T00:00:00Z', draft: null, result: null, revision: 0, flag: null, training: false, ...more,
});

/** A server with so many tasks. `refuse` answers the next calls of a kind with a problem. */
class Server implements DeskApi {
  given: string[] = [];
  calls: [string, ...unknown[]][] = [];
  trouble: Partial<Record<string, Problem[]>> = {};
  constructor(private readonly tasks: number) {}

  private async at(kind: string, ...about: unknown[]): Promise<void> {
    this.calls.push([kind, ...about]);
    await Promise.resolve();
    const problem = this.trouble[kind]?.shift();
    if (problem) throw problem;
  }
  of = (kind: string) => this.calls.filter(([each]) => each === kind);

  next = async (held: string[]) => {
    await this.at('next', held);
    const free = Array.from({ length: this.tasks }, (_, index) => index + 1).find((n) => !held.includes(`a${n}`) && !this.given.includes(`a${n}`));
    return free ? assignment(free) : null;
  };
  get = async (id: string) => {
    await this.at('get', id);
    return assignment(Number(id.slice(1)), { state: 'submitted', result: { kind: 'fire' }, revision: 1 });
  };
  heartbeat = (id: string, lease: string) => this.at('heartbeat', id, lease);
  saveDraft = async (id: string, result: object, seconds: number) => {
    await this.at('draft', id, result, seconds);
    return '2031-01-01T10:00:00Z';
  };
  submit = async (id: string, lease: string, result: object, seconds: number, key: string) => {
    await this.at('submit', id, lease, result, seconds, key);
    this.given.push(id);
    return { assignment_id: id, revision: this.of('submit').filter(([, about]) => about === id).length, submitted_at: '2031-01-01T10:00:00Z' };
  };
  skip = async (id: string, lease: string, reason: string) => {
    await this.at('skip', id, lease, reason);
    this.given.push(id);
  };
  flag = (id: string, note: string) => this.at('flag', id, note);
  recent = async () => {
    await this.at('recent');
    const item = { task_id: 't', excerpt: '', summary: '', marking, submitted_at: null, changed_at: '', revision: 1, state: 'submitted' as const };
    return { items: [{ ...item, assignment_id: 'a91' }, { ...item, assignment_id: 'a92' }], next: null };
  };
}

const offline = () => new Problem({ status: 0, title: 'The server can’t be reached' });
let sitting: Sitting;
let server: Server;

async function begin(tasks = 5): Promise<void> {
  server = new Server(tasks);
  sitting = new Sitting({ api: server, fields, leaseSeconds: 900, tabs: { othersHold: async () => [], close() {} } });
  sitting.start();
  await settle();
}
const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds);
const shown = () => sitting.current?.id;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] }));
afterEach(() => {
  sitting.close();
  vi.useRealTimers();
});

describe('moving on', () => {
  it('has the next task at hand before it is wanted, and shows it without waiting', async () => {
    await begin();
    expect(shown()).toBe('a1');
    expect(server.of('next').at(-1)![1]).toEqual(['a1']);
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    expect(shown()).toBe('a2');
  });

  it('stays where a required field is empty, and says which', async () => {
    await begin();
    sitting.submit();
    expect(shown()).toBe('a1');
    expect(sitting.state.missing).toEqual(['kind']);
    sitting.answer({ kind: 'fire' });
    expect(sitting.state.missing).toEqual([]);
  });

  it('says that nothing is left once nothing is', async () => {
    await begin(1);
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    expect(shown()).toBeUndefined();
    expect(sitting.state.front).toEqual({ state: 'none' });
    expect(sitting.state.sentHere).toBe(1);
  });

  it('names to the server what other tabs have in hand', async () => {
    server = new Server(3);
    sitting = new Sitting({ api: server, fields, leaseSeconds: 900, tabs: { othersHold: async () => ['a1'], close() {} } });
    sitting.start();
    await settle();
    expect(shown()).toBe('a2');
  });

  it('tries again by itself when the next task can’t be had', async () => {
    server = new Server(2);
    server.trouble.next = [offline()];
    sitting = new Sitting({ api: server, fields, leaseSeconds: 900, tabs: { othersHold: async () => [], close() {} } });
    sitting.start();
    await settle();
    expect(sitting.state.front.state).toBe('failed');
    await settle(1100);
    expect(shown()).toBe('a1');
  });
});

describe('answers on their way', () => {
  it('go out in order, each with a key that stays the same when it is tried again', async () => {
    await begin();
    server.trouble.submit = [offline(), offline()];
    for (const label of ['spill', 'fire']) {
      sitting.answer({ kind: label });
      sitting.submit();
      await settle();
    }
    expect(sitting.state.outbox.waiting).toBe(2);
    expect(sitting.state.outbox.problem?.title).toMatch(/reached/);
    await settle(10_000);
    const sent = server.of('submit');
    expect(sent.map(([, id]) => id)).toEqual(['a1', 'a1', 'a1', 'a2']);
    expect(new Set(sent.slice(0, 3).map((call) => call.at(-1))).size).toBe(1);
    expect(sent[3]!.at(-1)).not.toBe(sent[0]!.at(-1));
    expect(sitting.state.outbox).toEqual({ waiting: 0, problem: null, retryAt: null });
  });

  it('are kept and tried again while the server’s disk is full', async () => {
    await begin();
    server.trouble.submit = [new Problem({ status: 507, code: 'storage_full', title: 'The disk is full' })];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    expect(sitting.state.outbox).toMatchObject({ waiting: 1, problem: { title: 'The disk is full' } });
    await settle(1100);
    expect(sitting.state.works[0]!.state).toBe('sent');
  });

  it('are counted as the page’s own until the server has them', async () => {
    await begin();
    server.trouble.submit = [offline()];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    expect(window.dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(false);
    await settle(5000);
    expect(window.dispatchEvent(new Event('beforeunload', { cancelable: true }))).toBe(true);
  });

  it('that come too late are told kindly, and the work is shown as kept', async () => {
    await begin();
    server.trouble.submit = [new Problem({ status: 409, code: 'lease_lost', title: 'Lost', kept: 'Your work is kept as a draft.' })];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    expect(sitting.state.notices).toHaveLength(1);
    expect(sitting.state.notices[0]).toMatchObject({ kind: 'lost', about: 'a1' });
    expect(sitting.state.works[0]!.state).toBe('lost');
    expect(shown()).toBe('a2');
  });

  it('that don’t fit the form come back to be mended', async () => {
    await begin();
    server.trouble.submit = [new Problem({ status: 422, title: 'Does not fit', errors: [{ where: 'note', why: 'too long' }] })];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    expect(sitting.state.notices[0]!.kind).toBe('refused');
    expect(sitting.state.works[0]!.state).toBe('open');
  });

  it('wait for the draft that is being saved, so that no draft comes after its answer', async () => {
    await begin();
    let finish = () => {};
    server.saveDraft = vi.fn(() => new Promise<string>((resolve) => (finish = () => resolve('2031-01-01T10:00:00Z'))));
    sitting.answer({ kind: 'spill' });
    await settle(800);
    expect(server.saveDraft).toHaveBeenCalledOnce();
    sitting.submit();
    await settle(100);
    expect(server.of('submit')).toHaveLength(0);
    finish();
    await settle();
    expect(server.of('submit')).toHaveLength(1);
  });
});

describe('drafts', () => {
  it('are called saved only when the server has saved them', async () => {
    await begin();
    server.trouble.draft = [offline()];
    sitting.answer({ note: 'half a th' }, true);
    expect(sitting.current!.draft.state).toBe('saving');
    await settle(750);
    expect(sitting.current!.draft).toMatchObject({ state: 'failed' });
    await settle(1100);
    expect(sitting.current!.draft).toEqual({ state: 'saved', at: '2031-01-01T10:00:00Z' });
  });

  it('hold what was there when they were sent, and are sent again for what came after', async () => {
    await begin();
    sitting.answer({ note: 'one' });
    await settle(650);
    sitting.answer({ note: 'one two' });
    await settle(2000);
    expect(server.of('draft').at(-1)![2]).toEqual({ note: 'one two' });
  });

  it('that the server refuses for good aren’t tried for ever', async () => {
    await begin();
    server.trouble.draft = [new Problem({ status: 404, title: 'Not found' })];
    sitting.answer({ note: 'x' });
    await settle(60_000);
    expect(server.of('draft')).toHaveLength(1);
    expect(sitting.current!.draft).toMatchObject({ state: 'failed', retryAt: null });
  });
});

describe('undo', () => {
  it('goes back across a submit and opens what was sent', async () => {
    await begin();
    sitting.answer({ kind: 'spill' });
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    sitting.undo();
    expect(shown()).toBe('a1');
    expect(sitting.current!.history.now.kind).toBe('fire');
    sitting.undo();
    expect(sitting.current!.history.now.kind).toBe('spill');
  });

  it('takes back an answer that never left', async () => {
    await begin();
    server.trouble.submit = [offline()];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    sitting.undo();
    expect(shown()).toBe('a2');
    expect(sitting.current!.state).toBe('open');
    await settle(5000);
    expect(server.of('submit').map(([, id]) => id)).toEqual(['a1', 'a1']);
  });

  it('is undone by redo, which sends what it had taken back', async () => {
    await begin();
    server.trouble.submit = [offline()];
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    sitting.undo();
    sitting.redo();
    expect(shown()).toBe('a3');
    await settle(5000);
    expect(server.of('submit').map(([, id]) => id)).toEqual(['a1', 'a1', 'a2']);
  });

  it('then Enter sends a changed answer as a new revision, and an unchanged one not at all', async () => {
    await begin();
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    sitting.undo();
    sitting.submit();
    expect(server.of('submit')).toHaveLength(1);
    expect(shown()).toBe('a2');
    sitting.undo();
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    expect(server.of('submit').at(-1)!.slice(1, 4)).toEqual(['a1', 'lease1', { kind: 'fire' }]);
    expect(sitting.state.works[0]!.sent!.revision).toBe(2);
  });

  it('takes words typed in one go as one step', async () => {
    await begin();
    for (const note of ['f', 'fi', 'fir', 'fire']) sitting.answer({ note }, true);
    sitting.undo();
    expect(sitting.current!.history.now.note).toBe('');
  });
});

describe('going back', () => {
  it('leads to the work of this sitting, then to earlier work', async () => {
    await begin();
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    await sitting.back();
    expect(shown()).toBe('a1');
    await sitting.back();
    expect(shown()).toBe('a91');
    expect(sitting.current!.history.now.kind).toBe('fire');
    await sitting.back();
    expect(shown()).toBe('a92');
    for (const id of ['a91', 'a1', 'a2']) {
      sitting.forward();
      expect(shown()).toBe(id);
    }
  });
});

describe('time at a task', () => {
  it('counts while somebody works, not while nobody touches anything', async () => {
    await begin();
    await settle(30_000);
    sitting.active();
    await settle(600_000);
    sitting.active();
    await settle(20_000);
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    await settle();
    const seconds = server.of('submit')[0]![4] as number;
    expect(seconds).toBeGreaterThan(150);
    expect(seconds).toBeLessThan(190);
  });
});

describe('leases', () => {
  it('are renewed for what is in hand while somebody is there', async () => {
    await begin();
    await settle(301_000);
    sitting.active();
    await settle(20_000);
    expect(new Set(server.of('heartbeat').map(([, id]) => id))).toEqual(new Set(['a1', 'a2']));
  });

  it('are left to run out where nobody has been for as long as they last', async () => {
    await begin();
    await settle(901_000);
    const before = server.of('heartbeat').length;
    await settle(600_000);
    expect(server.of('heartbeat')).toHaveLength(before);
  });

  it('that were lost stop the work and say so', async () => {
    await begin();
    server.trouble.heartbeat = [new Problem({ status: 409, code: 'lease_lost', title: 'Lost' })];
    sitting.answer({ kind: 'spill' });
    sitting.active();
    await settle(320_000);
    expect(sitting.current!.state).toBe('lost');
    expect(sitting.state.notices[0]!.kind).toBe('lost');
    sitting.answer({ kind: 'fire' });
    expect(sitting.current!.history.now.kind).toBe('spill');
  });
});

describe('a skipped task', () => {
  it('leaves the desk with its reason, and is passed by on the way forward', async () => {
    await begin();
    sitting.answer({ kind: 'spill' });
    sitting.submit();
    sitting.skip('No label fits');
    await settle();
    expect(server.of('skip')).toEqual([['skip', 'a2', 'lease2', 'No label fits']]);
    expect(shown()).toBe('a3');
    await sitting.back();
    await sitting.back();
    sitting.forward();
    expect(shown()).toBe('a3');
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    expect(server.of('next').at(-1)![1]).not.toContain('a2');
  });

  it('can be come back to and answered after all', async () => {
    await begin();
    sitting.skip('I can’t decide');
    await settle();
    sitting.undo();
    expect(shown()).toBe('a1');
    sitting.answer({ kind: 'fire' });
    sitting.submit();
    await settle();
    expect(server.of('submit')[0]!.slice(1, 4)).toEqual(['a1', 'lease1', { kind: 'fire' }]);
    expect(sitting.state.works[0]).toMatchObject({ state: 'sent', skipped: false });
  });
});
