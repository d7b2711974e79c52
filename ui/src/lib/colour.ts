import { hex } from './paint';

/** Colours of labels that have none of their own, in order: distinct, and each dark enough for white letters on it. */
export const palette = ['#1971c2', '#c2410c', '#2b7a3b', '#6741d9', '#c2255c', '#0b7285', '#8a5a00', '#364fc7', '#4d7c0f', '#862e9c'];

export const labelColour = (given: string | null | undefined, index: number): string => hex(given, palette[index % palette.length]!);

/** Black or white, whichever reads better on `colour` (#rrggbb), by WCAG 2 relative luminance. */
export function inkOn(colour: string): '#000000' | '#ffffff' {
  const full = colour.length === 4 ? `#${[...colour.slice(1)].map((digit) => digit + digit).join('')}` : colour;
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const channel = parseInt(full.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? '#ffffff' : '#000000';
}
