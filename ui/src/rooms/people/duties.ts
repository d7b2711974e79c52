import type { PersonOut } from '../../api/types';

export type Duty = PersonOut['duties'][number];

export const DUTIES: Record<Duty, { title: string; says: string }> = {
  administrator: { title: 'Administrator', says: 'keeps accounts; sees no more than anybody else' },
  security_officer: { title: 'Security officer', says: 'gives clearances to others, never to themselves' },
  auditor: { title: 'Auditor', says: 'reads the record of what was done and shown, as far as their clearance goes' },
};
