import { $api } from '../../../api/client';
import type { Vocabulary } from './vocabulary';

/** The words of the scheme; they change only when the server is set up anew. */
export function useVocabulary() {
  const scheme = $api.useQuery('get', '/api/v1/scheme', {}, { staleTime: Infinity });
  return { vocabulary: scheme.data as Vocabulary | undefined, error: scheme.error, retry: () => void scheme.refetch() };
}
