import { useQuery } from '@tanstack/react-query';
import { client } from '../../api/client';
import type { MarkingOut } from '../../api/types';

/** The least marking that is at or above all of these: what may be made from things so marked. */
export function useJoin(markings: readonly MarkingOut[]): { marking: MarkingOut | undefined; error: unknown } {
  const texts = [...new Set(markings.map((marking) => marking.text))].sort();
  const query = useQuery({
    queryKey: ['rollup', ...texts],
    queryFn: async () => (await client.POST('/api/v1/markings/rollup', { body: { markings: texts } })).data as MarkingOut,
    enabled: texts.length > 1,
    staleTime: Infinity,
  });
  return { marking: texts.length === 1 ? markings[0] : query.data, error: query.error };
}
