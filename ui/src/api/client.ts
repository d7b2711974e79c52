/**
 * The one way to the server. Every answer that isn't a success is thrown as a `Problem`, so `data` is there
 * whenever a call returns (undefined for 204).
 *
 *   $api.useQuery('get', '/api/v1/home')                       in a view
 *   await client.POST('/api/v1/projects', { body })            in an action
 *   await clientAt(level).POST(...)                            at a working level other than the session's
 */
import createFetchClient, { type Client } from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import { diskRefused, diskWrote } from './disk';
import { offline, problemOf, type Problem } from './problem';
import type { paths as Paths } from './schema';

/** The paths, every call of which fails with a Problem and nothing else. */
type Fails<Operation> = Operation extends { responses: infer Responses }
  ? Omit<Operation, 'responses'> & {
      responses: Pick<Responses, Extract<keyof Responses, 200 | 201 | 202 | 204>> & { default: { headers: Record<string, unknown>; content: { 'application/problem+json': Problem } } };
    }
  : Operation;
type paths = { [Path in keyof Paths]: { [Method in keyof Paths[Path]]: Fails<Paths[Path][Method]> } };

let csrf = '';
export const setCsrf = (token: string) => void (csrf = token);

type Listener = () => void;
const signedOut = new Set<Listener>();
/** Runs `listener` whenever a call finds that the session is over. Returns the way to stop. */
export const onSignedOut = (listener: Listener) => {
  signedOut.add(listener);
  return () => void signedOut.delete(listener);
};

/** `fetch` with the session's CSRF token; throws a Problem for every answer that isn't a success. */
export async function call(request: Request): Promise<Response> {
  const acts = request.method !== 'GET' && request.method !== 'HEAD';
  if (acts) request.headers.set('X-CSRF-Token', csrf);
  let response: Response;
  try {
    response = await globalThis.fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw offline();
  }
  if (response.ok) {
    if (acts) diskWrote();
    return response;
  }
  if (response.status === 401 && !/\/api\/v1\/(session|setup)/.test(request.url)) signedOut.forEach((tell) => tell());
  const problem = await problemOf(response);
  if (problem.status === 507) diskRefused(problem);
  throw problem;
}

const make = (headers: Record<string, string>) =>
  createFetchClient<paths>({ baseUrl: globalThis.location.origin, fetch: call, headers });

export const client = make({});
export const $api = createQueryClient(client);

const atLevel = new Map<string, Client<paths>>();
/** The client that works at `level`, a marking's text: what it creates is marked so. */
export function clientAt(level: string): Client<paths> {
  let made = atLevel.get(level);
  if (!made) atLevel.set(level, (made = make({ 'Strongroom-Level': encodeURI(level) })));
  return made;
}

/** Sends a file with its options; multipart is outside what the typed client covers. */
export async function upload<T>(path: string, form: FormData, level?: string): Promise<T> {
  const headers: Record<string, string> = level ? { 'Strongroom-Level': encodeURI(level) } : {};
  return (await call(new Request(path, { method: 'POST', body: form, headers }))).json();
}
