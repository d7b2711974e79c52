import { describe, expect, it } from 'vitest';
import { askedOf } from './questions';
import { act, actor, fact, means, moment, rungs } from './words';

const ana = { id: 'a'.repeat(32), login: 'ana', name: 'Ana Silva' };

describe('acts in words', () => {
  it.each([
    ['task.read', 'task', 'Read a task'],
    ['task.claim', 'task', 'Was given a task'],
    ['annotation.submit', 'assignment', 'Submitted an answer'],
    ['sign_in', 'person', 'Signed in'],
    ['audit.search', 'audit_entry', 'Searched the audit log'],
    ['trace.acts', 'task', 'Asked who saw it'],
    ['spill.ponder', 'spill', 'spill.ponder'],
  ])('%s of a %s: %s', (action, kind, words) => expect(act({ action, kind })).toBe(words));

  it('names people in facts and leaves ids of other things', () => {
    expect(fact([ana.id, 'b'], [ana])).toBe('Ana Silva, b');
    expect(fact({ person: ana.id, again: true }, [ana])).toBe('person Ana Silva, again yes');
    expect(fact(0, [])).toBe('0');
    expect(fact(null, [])).toBe('none');
  });

  it('says how somebody was known', () => {
    expect(means('session')).toBe('signed in');
    expect(means('carrier pigeon')).toBe('carrier pigeon');
  });

  it('says when nobody is known', () => {
    expect(actor({ actor: ana, how: 'session' })).toBe('Ana Silva');
    expect(actor({ actor: null, how: 'operator' })).toBe('Operator, at the console');
    expect(actor({ actor: null, how: 'password' })).toBe('Nobody known');
  });
});

describe('what is asked', () => {
  it('falls back to the first question', () => expect([askedOf('failed'), askedOf('nonsense')]).toEqual(['failed', 'seen-thing']));
  it('takes a local moment or none', () => {
    expect(moment('2026-03-02T09:00')).toBe(new Date('2026-03-02T09:00').toISOString());
    expect([moment(''), moment('nonsense')]).toEqual([undefined, undefined]);
  });
});

describe('the way up to the root', () => {
  // From Certificate Transparency's tests: leaf 5 of 8, and leaf 2 of 3.
  it('knows on which side each hash stands', () => {
    expect(rungs(5, 8, ['a', 'b', 'c']).map(({ left }) => left)).toEqual([true, false, true]);
    expect(rungs(2, 3, ['a']).map(({ left }) => left)).toEqual([true]);
    expect(rungs(0, 8, ['a', 'b', 'c']).map(({ left }) => left)).toEqual([false, false, false]);
  });
});
