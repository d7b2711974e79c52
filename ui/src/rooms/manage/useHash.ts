import { useLocation, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';

/** What a tab shows, kept behind the # of the address so that back, reload and links work: `#state=flagged&task=…`. */
export function useHash(): [URLSearchParams, (next: Record<string, string | null>, replace?: boolean) => void] {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const params = useMemo(() => new URLSearchParams(hash), [hash]);
  const set = (next: Record<string, string | null>, replace = false) => {
    const changed = new URLSearchParams(params);
    for (const [name, value] of Object.entries(next)) {
      if (value) changed.set(name, value);
      else changed.delete(name);
    }
    void navigate({ to: '.', search: true, hash: changed.toString(), replace });
  };
  return [params, set];
}
