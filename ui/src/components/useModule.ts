import { useEffect, useState } from 'react';

/**
 * A part of the program that is loaded once it is wanted; null until it is there. Where it can't be had (no
 * connection), it is asked for again, and what is on screen stays.
 */
export function useModule<Module>(load: () => Promise<Module>, wanted: boolean): Module | null {
  const [module, setModule] = useState<Module | null>(null);
  useEffect(() => {
    if (!wanted || module) return;
    let left = false;
    let timer: ReturnType<typeof setTimeout>;
    const attempt = () =>
      void load().then(
        (loaded) => left || setModule(loaded),
        () => {
          if (!left) timer = setTimeout(attempt, 2000);
        },
      );
    attempt();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [load, wanted, module]);
  return module;
}
