import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { client } from '../../../api/client';
import { asProblem, type Detail } from '../../../api/problem';
import type { MarkingOut } from '../../../api/types';

export type Checked =
  | { state: 'empty' }
  | { state: 'checking'; last: MarkingOut | null }
  | { state: 'good'; marking: MarkingOut }
  | { state: 'bad'; mistake: Detail }
  | { state: 'failed'; error: unknown; retry: () => void };

/** What the server reads in a marking's text: the marking in its canonical form, or where the text goes wrong. */
export function useMarking(text: string): Checked {
  // Half a word is not worth a question.
  const [wanted] = useDebouncedValue(text.trim(), 150);
  const query = useQuery({
    queryKey: ['marking', wanted],
    queryFn: async (): Promise<{ marking: MarkingOut } | { mistake: Detail }> => {
      try {
        const { data } = await client.POST('/api/v1/markings/rollup', { body: { markings: [wanted] } });
        return { marking: data! };
      } catch (error) {
        const problem = asProblem(error);
        if (problem.status === 422 && problem.errors[0]) return { mistake: problem.errors[0] };
        throw problem;
      }
    },
    enabled: wanted !== '',
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  if (!text.trim()) return { state: 'empty' };
  if (query.error) return { state: 'failed', error: query.error, retry: () => void query.refetch() };
  if (!query.data || query.isPlaceholderData || wanted !== text.trim()) return { state: 'checking', last: query.data && 'marking' in query.data ? query.data.marking : null };
  return 'marking' in query.data ? { state: 'good', marking: query.data.marking } : { state: 'bad', mistake: query.data.mistake };
}
