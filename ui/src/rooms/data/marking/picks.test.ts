import { describe, expect, it } from 'vitest';
import { bare, cutAt, picksOf, textOf } from './picks';
import vocabularies from './vocabularies.json';
import type { Vocabulary } from './vocabulary';

const corporate = vocabularies.corporate as unknown as Vocabulary;
const notional = vocabularies['us-notional'] as unknown as Vocabulary;

describe('picks become the text of a marking', () => {
  it('in the order of the scheme’s blocks', () => {
    const picks = { ...bare(corporate, 'Confidential'), compartments: { cases: ['CASE 17'], tags: ['PII', 'PHI'] }, circles: [['HARBOUR', 'RELIEF'], ['LEGAL']], names: ['anna', 'bert'], caveats: ['NO-TRAIN'] };
    expect(textOf(corporate, picks)).toBe('CONFIDENTIAL//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna, bert//NO-TRAIN');
  });

  it('with the words of release in their block, home first', () => {
    const picks = { ...bare(notional, 'SECRET'), compartments: { sci: ['SI'] }, caveats: ['LES', 'ORCON'], release: 'to' as const, nations: ['GBR', 'USA', 'AUS'] };
    expect(textOf(notional, picks)).toBe('SECRET//SI//ORCON/REL TO USA, GBR, AUS//LES');
    expect(textOf(notional, { ...picks, release: 'nobody' })).toBe('SECRET//SI//ORCON/NOFORN//LES');
    expect(textOf(notional, { ...picks, release: 'display' })).toBe('SECRET//SI//ORCON/DISPLAY ONLY GBR, AUS//LES');
  });

  it('an empty clause, an empty list of nations say nothing', () => {
    expect(textOf(corporate, { ...bare(corporate, 'Public'), circles: [[]] })).toBe('PUBLIC');
    expect(textOf(notional, { ...bare(notional, 'SECRET'), release: 'to', nations: ['USA'] })).toBe('SECRET');
  });
});

describe('a text comes back as picks', () => {
  it.each(['PUBLIC', 'CONFIDENTIAL//PII/PHI//CASE 17//FOR HARBOUR OR RELIEF/FOR LEGAL//ONLY anna, bert//NO-EXPORT/NO-TRAIN', 'RESTRICTED//FOR NEW-CIRCLE', 'INTERNAL//PRIVILEGED'])('%s', (text) => {
    expect(textOf(corporate, picksOf(corporate, text)!)).toBe(text);
  });

  it.each(['UNCLASSIFIED', 'TOP SECRET//SI/TK//ORCON/NOFORN', 'SECRET//SI-G ABCD DEFG//REL TO USA, GBR//LES', 'SECRET//DISPLAY ONLY GBR', 'SECRET//LES'])('%s', (text) => {
    expect(textOf(notional, picksOf(notional, text)!)).toBe(text);
  });

  it('a prefix written once holds for the whole block', () => {
    expect(picksOf(notional, 'SECRET//SAR-AMBER LANTERN/BRASS HERON//NOFORN')!.compartments).toEqual({ sar: ['SAR-AMBER LANTERN', 'SAR-BRASS HERON'] });
  });

  it('what can only be typed is left to typing', () => {
    expect(picksOf(notional, 'SECRET//FGI GBR//NOFORN')).toBeNull();
    expect(picksOf(corporate, 'SECRETISH')).toBeNull();
    expect(picksOf(corporate, 'PUBLIC//XYZZY')).toBeNull();
  });
});

describe('the place of a mistake', () => {
  it('is the whole word at the position', () => {
    expect(cutAt('CONFIDENTIAL//PIX/PHI', 14)).toEqual({ before: 'CONFIDENTIAL//', fault: 'PIX', after: '/PHI' });
  });
  it('counts characters, not bytes or units', () => {
    expect(cutAt('😀😀//PIX', 4)).toEqual({ before: '😀😀//', fault: 'PIX', after: '' });
  });
  it('may be the end', () => {
    expect(cutAt('PUBLIC//', 8)).toEqual({ before: 'PUBLIC//', fault: '', after: '' });
  });
});
