import { describe, expect, it } from 'vitest';
import { emptyDraft, formOf, moved, newField, newLabel, problemAt, problems, retitled, slug, whereText, type Draft } from './model';
import { TEMPLATES } from './templates';

const draft = (): Draft => ({ ...emptyDraft(), ...structuredClone(TEMPLATES[0]!.draft), name: 'Port incidents' });

describe('keys and ids', () => {
  it('are made from a title, in ASCII, and never twice', () => {
    expect(slug('Öl- oder Chemieunfall?')).toBe('ol_oder_chemieunfall');
    expect(slug('Spill', ['spill', 'spill_2'])).toBe('spill_3');
    expect(slug('2nd berth')).toBe('field_2nd_berth');
    expect(slug('事故')).toBe('field');
  });

  it('follow the title until somebody sets them by hand', () => {
    const fresh = newLabel([]);
    const named = retitled(fresh, 'Oil spill', 'id', [], 'label');
    expect(named.id).toBe('oil_spill');
    expect(retitled(named, 'Spill', 'id', [], 'label').id).toBe('spill');
    expect(retitled({ ...named, id: 'S1' }, 'Spill', 'id', [], 'label').id).toBe('S1');
  });

  it('of new labels take the next free digit and colour', () => {
    const labels = [newLabel([])];
    labels.push(newLabel(labels));
    labels.push(newLabel(labels));
    expect(labels.map((label) => label.key)).toEqual(['1', '2', '3']);
    expect(new Set(labels.map((label) => label.colour)).size).toBe(3);
    expect(new Set(labels.map((label) => label.id)).size).toBe(3);
  });
});

describe('the rules of a form', () => {
  it('every template keeps them', () => {
    for (const template of TEMPLATES) expect(problems({ ...emptyDraft(), ...template.draft, name: 'x' })).toEqual([]);
  });

  it('are said where they are broken', () => {
    const broken = draft();
    broken.overlap = 0;
    const field = broken.fields[0]!;
    if (field.kind !== 'class') throw new Error('the first field is a class');
    field.labels[1]!.id = 'spill';
    field.labels[2]!.key = '1';
    broken.fields.push({ ...newField('text', []), key: 'note', title: '' });
    const found = problems(broken);
    expect(problemAt(found, 'overlap')).toMatch(/between 1 and/i);
    expect(problemAt(found, 'fields', 0, 'labels', 1, 'id')).toMatch(/spill/);
    expect(problemAt(found, 'fields', 0, 'labels', 2, 'key')).toBe('The key 1 is taken by “Spill”.');
    expect(problemAt(found, 'fields', 2, 'key')).toMatch(/note/);
    expect(problemAt(found, 'fields', 2, 'title')).toBeDefined();
    expect(found).toHaveLength(5);
  });

  it('a new project lacks a name and a field, and nothing else', () => {
    expect(problems(emptyDraft()).map((problem) => problem.path[0])).toEqual(['name', 'fields']);
  });

  it('tell the place in words', () => {
    expect(whereText(['fields', 1, 'labels', 0, 'title'])).toBe('field 2, label 1, title');
  });
});

describe('reordering', () => {
  it('moves one item and leaves the others in order', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd']);
    expect(moved(['a', 'b'], 0, 5)).toEqual(['a', 'b']);
  });
});

it('what is sent has no empty keys or colours', () => {
  const sent = draft();
  const field = sent.fields[0]!;
  if (field.kind === 'class') field.labels[0] = { id: 'spill', title: 'Spill', key: '', colour: '' };
  const first = formOf(sent).fields[0]!;
  expect('labels' in first && first.labels[0]).toEqual({ id: 'spill', title: 'Spill' });
});
