/** What went wrong, as the server's problem document says it: what happened, what was kept, what to do. */
export interface Detail {
  where?: string;
  why?: string;
  position?: number;
  expected?: string;
}

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly kept: string;
  readonly remedy: string;
  readonly errors: Detail[];

  constructor(fields: Partial<Omit<Problem, 'name' | 'message'>>) {
    super(fields.detail || fields.title || 'Something went wrong.');
    this.name = 'Problem';
    this.code = fields.code ?? 'unknown';
    this.status = fields.status ?? 0;
    this.title = fields.title || 'Something went wrong';
    this.detail = fields.detail ?? '';
    this.kept = fields.kept ?? '';
    this.remedy = fields.remedy ?? '';
    this.errors = fields.errors ?? [];
  }

  /** True where the same request may well succeed later without a change by the person. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

export const offline = () =>
  new Problem({
    code: 'offline',
    title: 'The server can’t be reached',
    detail: 'Nothing came back from the server.',
    remedy: 'Check the connection; this page tries again by itself.',
  });

/** The problem a response carries, whatever its body is. */
export async function problemOf(response: Response): Promise<Problem> {
  try {
    const body = await response.json();
    const errors = Array.isArray(body.errors) ? body.errors : [];
    return new Problem({ ...body, errors, status: response.status });
  } catch {
    return new Problem({
      code: 'unreadable',
      status: response.status,
      title: `The server answered ${response.status}`,
      remedy: 'Try again; if it stays, tell whoever runs this server.',
    });
  }
}

/** Where somebody signs in, "Sign in first" is no answer: what happened is the heading. */
export function withoutTitle(error: unknown): Problem {
  const problem = asProblem(error);
  return problem.status === 401 && problem.detail ? new Problem({ ...problem, title: problem.detail, detail: '' }) : problem;
}

/** A view's own file didn't come: the server is away, or was renewed since this window was opened. */
const UNLOADED = /dynamically imported module|Importing a module script|preload CSS/i;

/** Any thrown thing as a Problem, so that one component can show it. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (UNLOADED.test(message)) return new Problem({ code: 'unloaded', title: 'This page didn’t load', detail: 'The server can’t be reached, or it has been renewed since this window was opened.', remedy: 'Check the connection, then load the page anew.' });
  return new Problem({ code: 'client', title: 'This page ran into an error', detail: message });
}
