import { describe, expect, it } from 'vitest';
import { columnsOf, guessFormat, usualColumn } from './sniff';

describe('a file', () => {
  it('is known by its name, a zip and JSON lines by their beginning', () => {
    expect(guessFormat('reports.CSV', 'id,text')).toBe('csv');
    expect(guessFormat('a.conll', '')).toBe('conll');
    expect(guessFormat('a.bin', 'PK\u0003\u0004…')).toBe('zip');
    expect(guessFormat('export', '\uFEFF {"text": 1}')).toBe('jsonl');
    expect(guessFormat('notes', 'hello')).toBeNull();
  });
});

describe('columns', () => {
  it('come from the header of a CSV, whatever its delimiter and quotes', () => {
    expect(columnsOf('csv', '\uFEFFid,text,marking\r\n1,a,b')).toEqual(['id', 'text', 'marking']);
    expect(columnsOf('csv', 'id\ttext\n')).toEqual(['id', 'text']);
    expect(columnsOf('csv', 'id;"the ""text"", long";x\n')).toEqual(['id', 'the "text", long', 'x']);
    expect(columnsOf('csv', '"a\nb",c\n1,2')).toEqual(['a\nb', 'c']);
    expect(columnsOf('csv', 'sentence\nhello, you')).toEqual(['sentence']);
  });
  it('come from the keys of JSON lines, and a broken line does no harm', () => {
    expect(columnsOf('jsonl', '{"id": 1, "text": "a"}\nnot json\n{"text": "b", "mood": 2}\n{"cut')).toEqual(['id', 'text', 'mood']);
  });
  it('are none in plain text', () => expect(columnsOf('text', 'a,b')).toEqual([]));
  it('have usual names', () => {
    expect(usualColumn('text', ['ID', 'Message'])).toBe('Message');
    expect(usualColumn('id', ['ID', 'Message'])).toBe('ID');
    expect(usualColumn('people', ['ID'])).toBeNull();
    expect(usualColumn('text', ['Bericht'])).toBe('Bericht');
  });
});
