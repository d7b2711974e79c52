/** What the roles of a project are for, in a sentence, and what each opens on the manager's page. */
import type { ProjectTab } from '../../app/router';

export const ROLES = ['owner', 'manager', 'reviewer', 'annotator', 'analyst', 'evaluator', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

export const ROLE_SAYS: Record<Role, string> = {
  owner: 'everything, deleting the project included',
  manager: 'brings data in, changes the form, invites people, exports',
  reviewer: 'sees every answer, and decides what is disputed',
  annotator: 'labels',
  analyst: 'sees progress and exports',
  evaluator: 'exports for evaluation',
  auditor: 'sees progress and answers, changes nothing',
};

const TABS: Record<ProjectTab, readonly Role[]> = {
  progress: ['owner', 'manager', 'reviewer', 'analyst', 'auditor'],
  quality: ['owner', 'manager', 'reviewer', 'analyst', 'auditor'],
  review: ['owner', 'manager', 'reviewer'],
  tasks: ['owner', 'manager', 'reviewer', 'auditor'],
  data: ['owner', 'manager', 'analyst', 'evaluator'],
  people: ['owner', 'manager'],
  settings: ['owner', 'manager'],
};

export const holdsOneOf = (roles: readonly string[], wanted: readonly Role[]): boolean => wanted.some((role) => roles.includes(role));

export const mayOpen = (tab: ProjectTab, roles: readonly string[]): boolean => holdsOneOf(roles, TABS[tab]);

/** The tabs that somebody with these roles can use, in order. */
export const openTabs = (roles: readonly string[]): ProjectTab[] => (Object.keys(TABS) as ProjectTab[]).filter((tab) => mayOpen(tab, roles));
