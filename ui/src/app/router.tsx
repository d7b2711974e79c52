import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { client } from '../api/client';
import { asProblem } from '../api/problem';
import { queryClient, sessionQuery } from '../api/session';
import { ErrorNote } from '../components/ErrorNote';
import { Page } from '../components/Page';
import { askedOf, type Asked } from '../rooms/audit/questions';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

/** Views before the sign-in. */
const enter = createRoute({ getParentRoute: () => root, path: '/enter', component: lazyRouteComponent(() => import('../rooms/entry/Enter'), 'Enter') });
const setUp = createRoute({ getParentRoute: () => root, path: '/setup', component: lazyRouteComponent(() => import('../rooms/entry/SetUp'), 'SetUp') });
const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { then?: string } => (typeof search.then === 'string' ? { then: search.then } : {}),
  component: lazyRouteComponent(() => import('../rooms/entry/SignIn'), 'SignIn'),
});

/** Everything else needs a session: without one, to the sign-in, or to the set-up of a new place. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionQuery);
    } catch (error) {
      if (asProblem(error).status !== 401) throw error;
      const { data } = await client.GET('/api/v1/setup');
      if (data!.needed) throw redirect({ to: '/setup' });
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { then: location.href } });
    }
  },
});

const view = <Path extends string>(path: Path, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({ getParentRoute: () => inside, path, component: lazyRouteComponent(load as () => Promise<Record<string, () => React.ReactNode>>, name) });

export const desk = createRoute({
  getParentRoute: () => inside,
  path: '/label/$projectId',
  validateSearch: (search: Record<string, unknown>): { level?: string } => (typeof search.level === 'string' ? { level: search.level } : {}),
  component: lazyRouteComponent(() => import('../rooms/label/Desk'), 'Desk'),
});

export const projectTabs = ['progress', 'quality', 'review', 'tasks', 'data', 'people', 'settings'] as const;
export type ProjectTab = (typeof projectTabs)[number];
const project = createRoute({
  getParentRoute: () => inside,
  path: '/projects/$projectId',
  validateSearch: (search: Record<string, unknown>): { tab?: ProjectTab } => {
    const tab = projectTabs.find((each) => each === search.tab);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('../rooms/manage/Project'), 'Project'),
});

const audit = createRoute({
  getParentRoute: () => inside,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): { ask?: Asked; thing?: string; person?: string } => ({
    ...('ask' in search && { ask: askedOf(search.ask) }),
    ...(typeof search.thing === 'string' && { thing: search.thing }),
    ...(typeof search.person === 'string' && { person: search.person }),
  }),
  component: lazyRouteComponent(() => import('../rooms/audit/Audit'), 'Audit'),
});

const routeTree = root.addChildren([
  enter,
  setUp,
  signIn,
  inside.addChildren([
    view('/', () => import('../rooms/home/Home'), 'Home'),
    desk,
    view('/projects', () => import('../rooms/manage/Projects'), 'Projects'),
    view('/projects/new', () => import('../rooms/manage/NewProject'), 'NewProject'),
    project,
    view('/people', () => import('../rooms/people/People'), 'People'),
    view('/trace/$kind/$thingId', () => import('../rooms/custody/Trace'), 'Trace'),
    view('/custody', () => import('../rooms/custody/Custody'), 'Custody'),
    view('/custody/spills/$spillId', () => import('../rooms/custody/Spill'), 'Spill'),
    audit,
    createRoute({ getParentRoute: () => inside, path: '/$', component: NotFound }),
    view('/account', () => import('../rooms/people/Account'), 'Account'),
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  defaultErrorComponent: ({ error, reset }) => (
    <Page title="Something went wrong">
      <ErrorNote error={error} retry={reset} />
    </Page>
  ),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
