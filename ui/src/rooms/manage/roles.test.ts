import { expect, it } from 'vitest';
import { openTabs, ROLES, ROLE_SAYS } from './roles';

it('each role opens the tabs that the server answers it', () => {
  expect(openTabs(['owner'])).toEqual(['progress', 'quality', 'review', 'tasks', 'data', 'people', 'settings']);
  expect(openTabs(['reviewer'])).toEqual(['progress', 'quality', 'review', 'tasks']);
  expect(openTabs(['analyst'])).toEqual(['progress', 'quality', 'data']);
  expect(openTabs(['evaluator'])).toEqual(['data']);
  expect(openTabs(['annotator'])).toEqual([]);
  expect(openTabs(['annotator', 'auditor'])).toEqual(['progress', 'quality', 'tasks']);
});

it('every role is explained', () => expect(Object.keys(ROLE_SAYS)).toEqual([...ROLES]));
