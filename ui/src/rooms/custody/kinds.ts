/** What people call the kinds of things. */
const NAMES: Record<string, [one: string, many: string]> = {
  project: ['project', 'projects'],
  import: ['import', 'imports'],
  task: ['task', 'tasks'],
  assignment: ['assignment', 'assignments'],
  annotation: ['answer', 'answers'],
  known_answer: ['known answer', 'known answers'],
  adjudication: ['adjudication', 'adjudications'],
  task_consensus: ['consensus', 'consensuses'],
  findings: ['set of figures', 'sets of figures'],
  standing: ['standing', 'standings'],
  job: ['job', 'jobs'],
  membership: ['membership', 'memberships'],
  dataset: ['dataset', 'datasets'],
  blob: ['file', 'files'],
  receipt: ['kept reply', 'kept replies'],
  import_tally: ['tally of an import', 'tallies of imports'],
  import_rejection: ['refused row', 'refused rows'],
  task_person: ['named person', 'named people'],
};

export const kindName = (kind: string, count = 1): string => {
  const [one, many] = NAMES[kind] ?? [kind.replaceAll('_', ' '), `${kind.replaceAll('_', ' ')}s`];
  return count === 1 ? one : many;
};

export const counted = (count: number, kind: string, more = false): string => `${count.toLocaleString('en-GB')}${more ? '+' : ''} ${kindName(kind, more ? 2 : count)}`;

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
