import { useCallback, useRef, useState } from 'react';

/** Width of an element in pixels, followed as it changes; `otherwise` until it is known. */
export function useWidth(otherwise: number): [(element: HTMLElement | null) => void, number] {
  const [width, setWidth] = useState(otherwise);
  const watching = useRef<ResizeObserver | null>(null);
  const ref = useCallback((element: HTMLElement | null) => {
    watching.current?.disconnect();
    if (!element || typeof ResizeObserver === 'undefined') return;
    watching.current = new ResizeObserver(([entry]) => {
      const measured = Math.floor(entry!.contentRect.width);
      if (measured > 0) setWidth(measured);
    });
    watching.current.observe(element);
  }, []);
  return [ref, width];
}
