import { describe, expect, it } from 'vitest';
import { USUAL } from '../settings/rules';
import { TEMPLATES } from './templates';
import { fromYaml, toYaml } from './yaml';

describe('a form as YAML', () => {
  it('comes back as it went', () => {
    for (const template of TEMPLATES) {
      const draft = { ...template.draft, name: 'A: “name” # with marks', rules: { ...USUAL, training: true } };
      const back = fromYaml(toYaml(draft));
      expect(back.complaints).toEqual([]);
      expect(back.draft).toEqual(draft);
    }
  });

  it('keeps a label on one line', () => {
    expect(toYaml({ ...TEMPLATES[0]!.draft, name: 'x', rules: USUAL })).toMatch(/- \{ id: spill, title: Spill, key: "1", colour: "#1864ab" \}/);
  });

  it('reads the form of the documentation', () => {
    const { draft, complaints } = fromYaml(
      'name: Port incidents\noverlap: 3\nguideline: |\n  # What\n  one\nfields:\n  - {key: kind, kind: class, title: What?, labels: [{id: a, title: A, key: 1}, {id: b, title: B}]}\n',
    );
    expect(complaints).toEqual([]);
    expect(draft?.guideline).toBe('# What\none\n');
    expect(draft?.fields[0]).toMatchObject({ required: true, multiple: false, labels: [{ id: 'a', key: '1' }, { id: 'b' }] });
  });
});

describe('a mistake in the YAML is shown at its line', () => {
  const line = (text: string) => fromYaml(text).complaints.map(({ line: at, message }) => [at, message] as const);

  it('in the syntax', () => {
    const [first] = line('name: x\nfields:\n  - {key: a, kind: class\n');
    expect(first![0]).toBeGreaterThanOrEqual(3);
  });

  it('in a word that is not known', () => {
    expect(line('name: x\noverlaps: 3\nfields: []\n')[0]).toEqual([2, '“overlaps” is not part of a form. Known: name, description, overlap, rules, guideline, fields.']);
  });

  it('in a kind that is not known', () => {
    expect(line('name: x\nfields:\n  - key: a\n    kind: klass\n    title: A\n')[0]).toEqual([4, 'No field is of the kind “klass”. Known: class, spans, text.']);
  });

  it('in a rule of the form', () => {
    const found = line('name: x\nfields:\n  - key: a\n    kind: class\n    title: A\n    labels:\n      - {id: one, title: One}\n      - {id: one, title: Two}\n');
    expect(found).toEqual([[8, 'field 1, label 2, id: Another label has the id “one”.']]);
  });

  it('in a text that is no form at all', () => {
    expect(line('just words\n')[0]![1]).toMatch(/Expected a form/);
    expect(fromYaml('').draft).toBeNull();
  });
});

it('words stay words, as on the server', () => {
  const { draft } = fromYaml('name: x\noverlap: "2"\nfields:\n  - {key: a, kind: class, title: A, required: no, labels: [{id: no}, {id: 007}, {id: true, title: Yes}]}\n');
  expect(draft?.overlap).toBe(2);
  expect(draft?.fields[0]).toMatchObject({ required: false, labels: [{ id: 'no', title: 'no' }, { id: '007' }, { id: 'true', title: 'Yes' }] });
});
