import type { AuditEntryOut, Who } from '../../api/types';
import { capital, kindName } from '../custody/kinds';

/** Last words of an act, as somebody did it. What isn't here is shown as it is recorded. */
const DONE: Record<string, string> = {
  read: 'read',
  list: 'listed',
  download: 'downloaded',
  claim: 'was given',
  submit: 'submitted',
  draft: 'kept a draft of',
  skip: 'skipped',
  flag: 'flagged',
  unflag: 'took the flag off',
  create: 'made',
  change: 'changed',
  remove: 'removed',
  search: 'searched',
  export: 'exported',
  import: 'brought in',
  erase: 'erased',
  begin: 'began',
  finish: 'finished',
  done: 'finished',
  failed: 'failed at',
  cancel: 'cancelled',
  resume: 'resumed',
  expire: 'ran out of time for',
  set: 'set',
};

const KINDS: Record<string, string> = { audit_entry: 'the audit log', audit_log: 'the audit log', api_token: 'an API token', person: 'an account' };

const ACTS: Record<string, string> = {
  sign_in: 'Signed in',
  sign_out: 'Signed out',
  make_token: 'Made an API token',
  withdraw_token: 'Withdrew an API token',
  change_password: 'Changed a password',
  give_clearance: 'Gave a clearance',
  add_person: 'Made an account',
  change_person: 'Changed an account',
  make_link: 'Made a sign-in link',
  erased: 'Erased',
  'annotation.submit': 'Submitted an answer',
  'trace.read': 'Traced it',
  'trace.acts': 'Asked who saw it',
  'spill.acts': 'Asked who saw what was spilt',
  'spill.quarantine': 'Reported a spill',
  'spill.report': 'Took the signed report of a spill',
  'spill.release': 'Let a spill go',
  'spill.remark': 'Gave what was spilt another marking',
  'spill.purge': 'Purged a spill',
  'spill.decide': 'Decided on a spill',
  'marking.ask': 'Asked for another marking',
  'marking.refuse': 'Refused another marking',
  'task.adjudicate': 'Decided a disputed task',
  'task.unflag': 'Took the flag off a task',
  'backup.made': 'Made a backup',
  'workspace.restored': 'Restored a backup',
};

/** An act in words: `task.read` of a task is "Read a task". */
export function act(entry: Pick<AuditEntryOut, 'action' | 'kind'>): string {
  const known = ACTS[entry.action];
  if (known) return known;
  const done = DONE[entry.action.split('.').at(-1)!];
  return done ? capital(`${done} ${KINDS[entry.kind] ?? `a ${kindName(entry.kind)}`.replace(/^a (?=[aeiou])/, 'an ')}`) : entry.action;
}

const MEANS: Record<string, string> = { session: 'signed in', password: 'with a password', link: 'with a one-time link', token: 'with a token', job: 'as a job', operator: 'at the console', system: 'by itself' };

/** How somebody was known to the server. */
export const means = (how: string | null): string => (how === null ? '' : (MEANS[how] ?? how));

export const actor = (entry: Pick<AuditEntryOut, 'actor' | 'how'>): string => entry.actor?.name ?? (entry.how === 'operator' ? 'Operator, at the console' : entry.how ? 'Nobody known' : '');

/** A fact with people by name; ids of other things stay ids. */
export function fact(value: unknown, people: readonly Who[]): string {
  if (Array.isArray(value)) return value.map((each) => fact(each, people)).join(', ') || 'none';
  if (value !== null && typeof value === 'object') return Object.entries(value).map(([name, each]) => `${name} ${fact(each, people)}`).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return people.find((person) => person.id === value)?.name ?? String(value ?? 'none');
}

export const instant = (at: string): string =>
  new Date(at).toLocaleString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** A local moment as a date field gives it, as the API takes it; undefined for none. */
export const moment = (local: string): string | undefined => (local && !Number.isNaN(Date.parse(local)) ? new Date(local).toISOString() : undefined);

export interface Rung {
  sibling: string;
  /** The hash of the proof stands left of the one so far. */
  left: boolean;
}

/** How a proof goes up from leaf `index` of a tree with `size` leaves (RFC 9162, 2.1.3.2). */
export function rungs(index: number, size: number, hashes: readonly string[]): Rung[] {
  let place = index;
  let last = size - 1;
  return hashes.map((sibling) => {
    const left = place % 2 === 1 || place === last;
    if (left) while (place % 2 === 0 && place > 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    [place, last] = [Math.floor(place / 2), Math.floor(last / 2)];
    return { sibling, left };
  });
}
