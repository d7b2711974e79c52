import { QueryClient, useQuery } from '@tanstack/react-query';
import { client, setCsrf } from './client';
import { Problem } from './problem';
import type { SessionOut } from './types';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && error instanceof Problem && error.passing,
    },
  },
});

export const sessionQuery = {
  queryKey: ['session'],
  staleTime: 5 * 60_000,
  queryFn: async () => keep((await client.GET('/api/v1/session')).data!),
};

function keep(session: SessionOut): SessionOut {
  setCsrf(session.csrf_token ?? '');
  return session;
}

/** Who is signed in. Only for views behind the sign-in, where it is always there. */
export function useSession(): SessionOut {
  const { data } = useQuery(sessionQuery, queryClient);
  if (!data) throw new Problem({ code: 'signed_out', status: 401, title: 'You are signed out', remedy: 'Sign in again.' });
  return data;
}

/** Takes over a fresh session (after sign-in or set-up) in place of whatever was cached for another person. */
export function enterSession(session: SessionOut): void {
  const before = queryClient.getQueryData<SessionOut>(sessionQuery.queryKey);
  if (before && before.person.id !== session.person.id) queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, keep(session));
  void queryClient.invalidateQueries({ predicate: (query) => query.queryKey[0] !== 'session' });
}

/** Moves the session to another working level, a marking's text. */
export async function setLevel(level: string): Promise<void> {
  enterSession((await client.PATCH('/api/v1/session', { body: { level } })).data!);
}

export async function signOut(): Promise<void> {
  await client.DELETE('/api/v1/session');
  queryClient.clear();
  // A full load leaves nothing of the session in memory.
  location.assign('/sign-in');
}
