import { describe, expect, it } from 'vitest';
import vocabularies from '../data/marking/vocabularies.json';
import type { Vocabulary } from '../data/marking/vocabulary';
import { byBlock, changes, heldOf, jsonOf, words } from './clearance';

const corporate = vocabularies.corporate as unknown as Vocabulary;
const notional = vocabularies['us-notional'] as unknown as Vocabulary;

describe('a clearance', () => {
  it('that nobody gave is the least level', () => {
    expect(heldOf(corporate, null)).toEqual({ level: 'Public', compartments: [], nations: [], circles: [], attributes: [] });
    expect(words(corporate, heldOf(corporate, null))).toBe('Up to Public.');
  });

  it('reads as a sentence', () => {
    const held = heldOf(corporate, { level: 'Confidential', compartments: ['PII', 'CASE 17'], circles: ['RELIEF', 'HARBOUR'], attributes: ['privileged'] });
    expect(words(corporate, held)).toBe('Up to Confidential, with CASE 17 and Personal data (PII), in the circles Harbour and Relief, attribute privileged.');
  });

  it('goes out as it came in', () => {
    const json = { level: 'SECRET', compartments: ['SI', 'TK'], nations: ['USA'] };
    expect(jsonOf(heldOf(notional, json))).toEqual(json);
  });

  it('has each compartment in the field of its block', () => {
    expect(byBlock(corporate, ['PII', 'CASE 17'])).toEqual({ tags: ['PII'], cases: ['CASE 17'] });
    expect(byBlock(notional, ['SI-G', 'SAR-AMBER LANTERN', 'RD'])).toEqual({ sci: ['SI-G'], sar: ['SAR-AMBER LANTERN'], aea: ['RD'] });
  });
});

describe('a change of clearance', () => {
  const before = heldOf(corporate, { level: 'Confidential', compartments: ['PII'], circles: ['HARBOUR'] });
  it('says what it gives and what it takes', () => {
    const after = { ...before, level: 'Internal', compartments: ['PII', 'PHI'], circles: [] };
    expect(changes(corporate, before, after)).toEqual({ gives: ['Health data (PHI)'], takes: ['the level Confidential', 'circle Harbour'] });
  });
  it('is none where nothing changed', () => expect(changes(corporate, before, structuredClone(before))).toEqual({ gives: [], takes: [] }));
});
