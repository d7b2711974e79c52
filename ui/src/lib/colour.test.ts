import { expect, it } from 'vitest';
import { inkOn, palette } from './colour';
import { hex } from './paint';

it('puts dark ink on light colours and light ink on dark ones', () => {
  expect(inkOn('#ffd43b')).toBe('#000000');
  expect(inkOn('#1f5d78')).toBe('#ffffff');
  expect(inkOn('#fff')).toBe('#000000');
});

it('writes in white on all its own colours', () => {
  expect(palette.map(inkOn)).toEqual(palette.map(() => '#ffffff'));
});

it('lets nothing but a colour into a style', () => {
  expect(hex('url(//elsewhere)', '#123456')).toBe('#123456');
  expect(hex('red;}', '#123456')).toBe('#123456');
  expect(hex('#ABCDEF', '#123456')).toBe('#ABCDEF');
  expect(hex(null, '#123456')).toBe('#123456');
});
