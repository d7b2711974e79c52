import { describe, expect, it } from 'vitest';
import { codePointLength, offsetsOf } from './codepoints';

/** The code-point offset that Python would give for a UTF-16 offset between characters. */
const reference = (text: string, units: number) => [...text.slice(0, units)].length;

describe('offsets between code points and UTF-16 units', () => {
  const texts = ['', 'plain', '🚢 leaves', 'a🚢b🛢️c', '👩‍👩‍👧‍👦 family', 'عربي 🚢 نص', '𝒜𝒷𝒸', 'x\n🚢\n🚢'];

  it.each(texts)('agree with counting characters in %j', (text) => {
    const offsets = offsetsOf(text);
    let units = 0;
    for (const [index, character] of [...text].entries()) {
      expect(offsets.toUnits(index)).toBe(units);
      expect(offsets.toCodePoints(units)).toBe(index);
      units += character.length;
    }
    expect(offsets.toUnits([...text].length)).toBe(text.length);
    expect(offsets.toCodePoints(text.length)).toBe(reference(text, text.length));
  });

  it('count an offset inside a surrogate pair as the start of its character', () => {
    const offsets = offsetsOf('a🚢b');
    expect(offsets.toCodePoints(2)).toBe(1);
    expect(offsets.toCodePoints(3)).toBe(2);
  });

  it('leave half a pair as the one code point it is to Python', () => {
    expect(codePointLength('a\uD83Db')).toBe(3);
  });
});
