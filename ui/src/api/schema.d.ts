/* Written by hand in the shapes of the API until `npm run gen` can draw it from openapi.json. */
type Json = Record<string, unknown>;

interface MarkingOut { text: string; portion: string; level: string; colour: string; ink: string }
interface Who { id: string; login: string; name: string }
interface Me extends Who { duties: string[] }
interface ClearanceOut { text: string; json: Json }
interface SessionOut {
  person: Me; clearance: ClearanceOut; level: MarkingOut; csrf_token: string;
  scheme: { name: string; title: string; hash: string }; banner_note?: string | null;
}
interface PersonOut { id: string; login: string; name: string; active: boolean; duties: string[]; clearance?: ClearanceOut | null; sign_in_link?: string | null }
interface ClearanceGrantOut { clearance: ClearanceOut; given_by: Who | null; reason: string; given_at: string }
interface TokenOut { id: string; name: string; scopes: string[]; created_at: string; expires_at: string; seen_at: string | null; ceiling?: ClearanceOut | null; token?: string }
interface HomeProject { id: string; name: string; waiting: number; mine_open: number; submitted_by_me: number }
interface HomeOut { groups: { marking: MarkingOut; projects: HomeProject[] }[]; manages: { id: string; name: string; marking: MarkingOut }[] }
interface LabelOut { id: string; title: string; key?: string | null; colour?: string | null; description?: string | null }
interface ClassField { key: string; kind: 'class'; title: string; help?: string | null; required: boolean; multiple: boolean; labels: LabelOut[] }
interface SpansField { key: string; kind: 'spans'; title: string; help?: string | null; required: boolean; labels: LabelOut[] }
interface TextField { key: string; kind: 'text'; title: string; help?: string | null; required: boolean; max_length: number }
type FieldOut = ClassField | SpansField | TextField;
interface FormOut { fields: FieldOut[] }
interface ProjectOut {
  id: string; name: string; description: string; guideline: string; guideline_version: number; form: FormOut; overlap: number;
  lease_seconds: number; marking: MarkingOut; roles: string[]; created_at: string;
}
interface MemberOut { person: Who; roles: string[] }
interface JobOut {
  id: string; kind: string; state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'; done: number; total: number | null; message: string;
  created_at: string; started_at: string | null; finished_at: string | null; eta_seconds: number | null;
}
interface ImportOut { id: string; file_name: string; format: string; job: JobOut; tallies: { marking: MarkingOut; added: number; already_there: number }[]; rejected: number; created_at: string; created_by: Who }
interface RejectionOut { line: number; reason: string; where?: string | null; expected?: string | null }
interface TaskInHand { id: string; external_id: string | null; text: string; data: Json }
interface AssignmentOut {
  id: string; project_id: string; task: TaskInHand; marking: MarkingOut; state: 'claimed' | 'submitted' | 'skipped' | 'expired'; lease: string; lease_until: string;
  draft: Json | null; result: Json | null; revision: number; flag: string | null;
}
interface SubmittedOut { assignment_id: string; revision: number; submitted_at: string }
interface RecentOut { assignment_id: string; task_id: string; excerpt: string; summary: string; marking: MarkingOut; submitted_at: string | null; changed_at: string; revision: number; state: 'claimed' | 'submitted' | 'skipped' | 'expired' }
interface ProgressOut {
  tasks: { total: number; done: number; started: number; untouched: number; flagged: number; skipped: number };
  answers: { submitted: number; wanted: number };
  throughput: { hour: string; answers: number }[];
  median_seconds: number | null; forecast_hours: number | null;
  agreement: { percent: number | null; fields: { field: string; share: number; n: number }[] };
  confusion: { field: string; labels: string[]; counts: number[][] }[];
  annotators: { person: Who; answers: number; agreement_with_consensus: number | null; median_seconds: number | null; last_at: string | null }[];
  queue: { marking: MarkingOut; open_slots: number; claimed: number }[];
  markings: MarkingOut[];
}
interface TaskRow { id: string; external_id: string | null; excerpt: string; marking: MarkingOut; wanted: number; submitted: number; claimed: number; flagged: boolean; consensus?: Json | null }
interface TaskOut extends TaskRow { text: string; data: Json; flags: string[]; answers: { person: Who; result: Json; revision: number; submitted_at: string; seconds: number | null }[] }
interface DatasetOut { id: string; name: string; version: number; job: JobOut; marking: MarkingOut; tasks: number | null; answers: number | null; sha256: string | null; files: { format: 'jsonl' | 'conll'; sha256: string; bytes: number }[]; guideline_version: number; created_at: string; created_by: Who }

interface Listed<T> { items: T[]; next: string | null }
type Reply<T> = { 200: { headers: Json; content: { 'application/json': T } } };
type None = { 204: { headers: Json; content?: never } };
interface Call<Answer, Path = undefined, Query = undefined, Body = undefined> {
  parameters: { path: Path extends undefined ? never : Path; query?: Query extends undefined ? never : Query; header?: Record<string, string>; cookie?: never };
  requestBody?: Body extends undefined ? never : { content: { 'application/json': Body } };
  responses: Answer extends never ? None : Reply<Answer>;
}
interface Free<Answer, Query = undefined, Body = undefined> {
  parameters: { path?: never; query?: Query extends undefined ? never : Query; header?: Record<string, string>; cookie?: never };
  requestBody?: Body extends undefined ? never : { content: { 'application/json': Body } };
  responses: Reply<Answer>;
}
interface P { project_id: string }
interface A { assignment_id: string }
interface Cursor { cursor?: string; limit?: number }

export interface paths {
  '/api/v1/setup': { get: Free<{ needed: boolean }>; post: Free<SessionOut, undefined, { token: string; login: string; name: string; password: string }> };
  '/api/v1/session': {
    get: Free<SessionOut>; post: Free<SessionOut, undefined, { login: string; password: string }>;
    patch: Free<SessionOut, undefined, { level: string }>; delete: Free<unknown>;
  };
  '/api/v1/session/password': { put: Free<unknown, undefined, { current?: string; new: string }> };
  '/api/v1/session/link': { post: Free<SessionOut, undefined, { token: string }> };
  '/api/v1/levels': { get: Free<{ items: MarkingOut[] }> };
  '/api/v1/scheme': { get: Free<Json> };
  '/api/v1/markings/rollup': { post: Free<MarkingOut, undefined, { markings: string[] }> };
  '/api/v1/tokens': { get: Free<Listed<TokenOut>>; post: Free<TokenOut, undefined, { name: string; scopes: string[]; expires_in_days: number; ceiling?: Json }> };
  '/api/v1/tokens/{token_id}': { delete: Call<unknown, { token_id: string }> };
  '/api/v1/people': { get: Free<Listed<PersonOut>, Cursor>; post: Free<PersonOut, undefined, { login: string; name: string; password?: string }> };
  '/api/v1/people/{person_id}': { patch: Call<PersonOut, { person_id: string }, undefined, { name?: string; active?: boolean; duties?: string[] }> };
  '/api/v1/people/{person_id}/clearance': { put: Call<PersonOut, { person_id: string }, undefined, { clearance: Json; reason: string }> };
  '/api/v1/people/{person_id}/clearances': { get: Call<Listed<ClearanceGrantOut>, { person_id: string }> };
  '/api/v1/home': { get: Free<HomeOut> };
  '/api/v1/form-schema': { get: Free<Json> };
  '/api/v1/projects': {
    get: Free<Listed<ProjectOut>, Cursor>;
    post: Free<ProjectOut, undefined, { name?: string; description?: string; guideline?: string; form: Json | string; overlap?: number; lease_seconds?: number }>;
  };
  '/api/v1/projects/{project_id}': {
    get: Call<ProjectOut, P>; delete: Call<unknown, P>;
    patch: Call<ProjectOut, P, undefined, { name?: string; description?: string; guideline?: string; form?: Json | string; overlap?: number }>;
  };
  '/api/v1/projects/{project_id}/members': { get: Call<Listed<MemberOut>, P> };
  '/api/v1/projects/{project_id}/members/{person_id}': {
    put: Call<MemberOut, P & { person_id: string }, undefined, { roles: string[] }>; delete: Call<unknown, P & { person_id: string }>;
  };
  '/api/v1/projects/{project_id}/imports': { get: Call<Listed<ImportOut>, P, Cursor> };
  '/api/v1/imports/{import_id}': { get: Call<ImportOut, { import_id: string }> };
  '/api/v1/imports/{import_id}/rejections': { get: Call<Listed<RejectionOut>, { import_id: string }, Cursor> };
  '/api/v1/jobs/{job_id}': { get: Call<JobOut, { job_id: string }> };
  '/api/v1/jobs/{job_id}/cancel': { post: Call<JobOut, { job_id: string }> };
  '/api/v1/jobs/{job_id}/resume': { post: Call<JobOut, { job_id: string }> };
  '/api/v1/projects/{project_id}/next': { post: Call<AssignmentOut, P, undefined, { held: string[] }> };
  '/api/v1/assignments/{assignment_id}': { get: Call<AssignmentOut, A> };
  '/api/v1/assignments/{assignment_id}/heartbeat': { post: Call<{ lease_until: string }, A, undefined, { lease: string }> };
  '/api/v1/assignments/{assignment_id}/draft': { put: Call<{ saved_at: string }, A, undefined, { result: Json; seconds?: number }> };
  '/api/v1/assignments/{assignment_id}/submit': { post: Call<SubmittedOut, A, undefined, { lease: string | null; result: Json; seconds: number }> };
  '/api/v1/assignments/{assignment_id}/skip': { post: Call<unknown, A, undefined, { lease: string; reason: string }> };
  '/api/v1/assignments/{assignment_id}/flag': { post: Call<unknown, A, undefined, { note: string }> };
  '/api/v1/projects/{project_id}/recent': { get: Call<Listed<RecentOut>, P, Cursor> };
  '/api/v1/projects/{project_id}/progress': { get: Call<ProgressOut, P> };
  '/api/v1/projects/{project_id}/tasks': { get: Call<Listed<TaskRow>, P, Cursor & { state?: string; q?: string }> };
  '/api/v1/tasks/{task_id}': { get: Call<TaskOut, { task_id: string }> };
  '/api/v1/projects/{project_id}/exports': { post: Call<DatasetOut, P, undefined, { name?: string; only_complete?: boolean }> };
  '/api/v1/projects/{project_id}/datasets': { get: Call<Listed<DatasetOut>, P, Cursor> };
  '/api/v1/datasets/{dataset_id}': { get: Call<DatasetOut, { dataset_id: string }> };
  '/api/v1/version': { get: Free<{ version: string }> };
}

export interface components {
  schemas: {
    MarkingOut: MarkingOut; Who: Who; SessionOut: SessionOut; PersonOut: PersonOut; ClearanceOut: ClearanceOut; ClearanceGrantOut: ClearanceGrantOut;
    TokenOut: TokenOut; HomeOut: HomeOut; HomeProject: HomeProject; LabelOut: LabelOut; ClassField: ClassField; SpansField: SpansField; TextField: TextField; FieldOut: FieldOut; FormOut: FormOut; ProjectOut: ProjectOut;
    MemberOut: MemberOut; JobOut: JobOut; ImportOut: ImportOut; RejectionOut: RejectionOut; AssignmentOut: AssignmentOut; SubmittedOut: SubmittedOut;
    RecentOut: RecentOut; ProgressOut: ProgressOut; TaskRow: TaskRow; TaskOut: TaskOut; DatasetOut: DatasetOut;
  };
}
