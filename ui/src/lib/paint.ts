type Styles = Record<string, string>;
type Paint = (element: HTMLElement | SVGElement | null) => (() => void) | undefined;
const made = new Map<string, Paint>();

/**
 * A ref that sets CSS properties (mostly variables) on its element and takes them away again. The policy of the page
 * forbids style attributes; properties set this way are allowed. The same values give the same function, so a
 * re-render doesn't run it again.
 */
export function paint(styles: Styles): Paint {
  const key = JSON.stringify(styles);
  let ref = made.get(key);
  if (!ref) {
    const entries = Object.entries(styles);
    ref = (element) => {
      if (!element) return;
      for (const [name, value] of entries) element.style.setProperty(name, value);
      return () => entries.forEach(([name]) => element.style.removeProperty(name));
    };
    made.set(key, ref);
  }
  return ref;
}

/** A colour that came from data: hexadecimal or the fallback, nothing else gets into a style. */
export const hex = (colour: string | null | undefined, fallback: string): string =>
  colour && /^#[0-9a-f]{3}([0-9a-f]{3})?$/i.test(colour) ? colour : fallback;
