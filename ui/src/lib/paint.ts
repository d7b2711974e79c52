type Vars = Record<`--${string}`, string>;
type Paint = (element: HTMLElement | SVGElement | null) => void;
const made = new Map<string, Paint>();

/**
 * A ref that sets CSS variables on its element. The policy of the page forbids style attributes; variables set
 * this way are allowed. The same values give the same function, so a re-render doesn't run it again.
 */
export function paint(vars: Vars): Paint {
  const key = JSON.stringify(vars);
  let ref = made.get(key);
  if (!ref) {
    const entries = Object.entries(vars);
    ref = (element) => {
      if (element) for (const [name, value] of entries) element.style.setProperty(name, value);
    };
    made.set(key, ref);
  }
  return ref;
}

/** A colour that came from data: hexadecimal or the fallback, nothing else gets into a style. */
export const hex = (colour: string | null | undefined, fallback: string): string =>
  colour && /^#[0-9a-f]{3}([0-9a-f]{3})?$/i.test(colour) ? colour : fallback;
