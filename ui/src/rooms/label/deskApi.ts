import { clientAt } from '../../api/client';
import type { AssignmentOut, RecentOut, SubmittedOut } from '../../api/types';
import type { Json } from './answer';

/** What the desk asks of the server, all of it at one working level. */
export interface DeskApi {
  /** The next task for me, none of those in `held`; null when nothing is left. */
  next(held: string[]): Promise<AssignmentOut | null>;
  get(id: string): Promise<AssignmentOut>;
  heartbeat(id: string, lease: string): Promise<void>;
  /** When the draft was saved, ISO 8601. */
  saveDraft(id: string, result: Json, seconds: number): Promise<string>;
  submit(id: string, lease: string, result: Json, seconds: number, key: string): Promise<SubmittedOut>;
  skip(id: string, lease: string, reason: string, key: string): Promise<void>;
  flag(id: string, note: string): Promise<void>;
  recent(cursor?: string): Promise<{ items: RecentOut[]; next?: string | null }>;
}

export function deskApi(projectId: string, level: string): DeskApi {
  const client = clientAt(level);
  const at = (assignment_id: string) => ({ params: { path: { assignment_id } } });
  return {
    next: async (held) => (await client.POST('/api/v1/projects/{project_id}/next', { params: { path: { project_id: projectId } }, body: { held } })).data ?? null,
    get: async (id) => (await client.GET('/api/v1/assignments/{assignment_id}', at(id))).data!,
    heartbeat: async (id, lease) => void (await client.POST('/api/v1/assignments/{assignment_id}/heartbeat', { ...at(id), body: { lease } })),
    saveDraft: async (id, result, seconds) => {
      // A request that outlives the page may not be longer than 64 KiB.
      const keepalive = JSON.stringify(result).length < 16_000;
      return (await client.PUT('/api/v1/assignments/{assignment_id}/draft', { ...at(id), body: { result, seconds }, keepalive })).data!.saved_at;
    },
    submit: async (id, lease, result, seconds, key) =>
      (await client.POST('/api/v1/assignments/{assignment_id}/submit', { ...at(id), headers: { 'Idempotency-Key': key }, body: { lease, result, seconds } })).data!,
    skip: async (id, lease, reason, key) => void (await client.POST('/api/v1/assignments/{assignment_id}/skip', { ...at(id), headers: { 'Idempotency-Key': key }, body: { lease, reason } })),
    flag: async (id, note) => void (await client.POST('/api/v1/assignments/{assignment_id}/flag', { ...at(id), body: { note } })),
    recent: async (cursor) => (await client.GET('/api/v1/projects/{project_id}/recent', { params: { path: { project_id: projectId }, query: cursor ? { cursor } : {} } })).data!,
  };
}
