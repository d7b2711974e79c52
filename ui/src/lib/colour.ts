import { hex } from './paint';

/** Colours of labels that have none of their own, in order; distinct, and readable in both themes. */
const palette = ['#1c7ed6', '#d9480f', '#2b8a3e', '#6741d9', '#c2255c', '#0b7285', '#a06a00', '#364fc7', '#5c940d', '#862e9c'];

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
