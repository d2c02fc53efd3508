import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams, type SearchSchemaInput } from '@tanstack/react-router';
import { readDashboardSearch, type DashboardSearchInput } from './model/dashboard';
import { readFunnelSearch, type FunnelSearch } from './model/funnel';
import { readGraphSearch, type GraphSearch } from './model/graph';
import type { Partly } from './model/report';
import { readRetentionSearch, type RetentionSearch } from './model/retention';
import { readUsersSearch, type UsersSearchInput } from './model/users';
import { readSearch, writeSearch } from './model/url';
import { Shell } from './shell/Shell';
import { Crash, NotFound } from './ui/States';

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NotFound,
  // The project is part of every address, so that any of them can be shared.
  validateSearch: (raw: { project?: unknown } & SearchSchemaInput): { project?: string } => {
    const project = text(raw.project);
    return project === undefined ? {} : { project };
  },
  search: { middlewares: [retainSearchParams(['project'])] },
});

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/live', search: true });
  },
});

const live = createRoute({
  getParentRoute: () => root,
  path: '/live',
  component: lazyRouteComponent(() => import('./screens/live/LivePage'), 'LivePage'),
});

export interface DefineSearch {
  /** A definition to edit. */
  edit?: string;
  /** A predicate to begin with, as JSON. */
  predicate?: string;
}

const define = createRoute({
  getParentRoute: () => root,
  path: '/define',
  validateSearch: (raw: { edit?: unknown; predicate?: unknown } & SearchSchemaInput): DefineSearch => {
    const [edit, predicate] = [text(raw.edit), text(raw.predicate)];
    return { ...(edit === undefined ? {} : { edit }), ...(predicate === undefined ? {} : { predicate }) };
  },
  component: lazyRouteComponent(() => import('./screens/define/DefinePage'), 'DefinePage'),
});

const graph = createRoute({
  getParentRoute: () => root,
  path: '/graph',
  validateSearch: (raw: Partly<GraphSearch> & SearchSchemaInput) => readGraphSearch(raw),
  component: lazyRouteComponent(() => import('./screens/graph/GraphPage'), 'GraphPage'),
});

const funnel = createRoute({
  getParentRoute: () => root,
  path: '/funnel',
  validateSearch: (raw: Partly<FunnelSearch> & SearchSchemaInput) => readFunnelSearch(raw),
  component: lazyRouteComponent(() => import('./screens/funnel/FunnelPage'), 'FunnelPage'),
});

const retention = createRoute({
  getParentRoute: () => root,
  path: '/retention',
  validateSearch: (raw: Partly<RetentionSearch> & SearchSchemaInput) => readRetentionSearch(raw),
  component: lazyRouteComponent(() => import('./screens/retention/RetentionPage'), 'RetentionPage'),
});

const users = createRoute({
  getParentRoute: () => root,
  path: '/users',
  validateSearch: (raw: UsersSearchInput & SearchSchemaInput) => readUsersSearch(raw),
  component: lazyRouteComponent(() => import('./screens/users/UsersPage'), 'UsersPage'),
});

const user = createRoute({
  getParentRoute: () => root,
  path: '/users/$id',
  component: lazyRouteComponent(() => import('./screens/user/UserPage'), 'UserPage'),
});

const visualizer = createRoute({
  getParentRoute: () => root,
  path: '/visualizer',
  component: lazyRouteComponent(() => import('./screens/visualizer/VisualizerPage'), 'VisualizerPage'),
});

const install = createRoute({
  getParentRoute: () => root,
  path: '/install',
  component: lazyRouteComponent(() => import('./screens/InstallPage'), 'InstallPage'),
});

const health = createRoute({
  getParentRoute: () => root,
  path: '/health',
  component: lazyRouteComponent(() => import('./screens/HealthPage'), 'HealthPage'),
});

const saved = createRoute({
  getParentRoute: () => root,
  path: '/saved',
  component: lazyRouteComponent(() => import('./saved/ReportsPage'), 'ReportsPage'),
});

const dashboards = createRoute({
  getParentRoute: () => root,
  path: '/dashboards',
  validateSearch: (raw: DashboardSearchInput & SearchSchemaInput) => readDashboardSearch(raw),
  component: lazyRouteComponent(() => import('./saved/DashboardsPage'), 'DashboardsPage'),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings/SettingsPage'), 'SettingsPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    index, live, visualizer, define, graph, funnel, retention, users, user, install, health, saved, dashboards, settings,
  ]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultErrorComponent: Crash,
  defaultPreload: 'intent',
  // Handles are mostly mail addresses, which people should recognise.
  pathParamsAllowedCharacters: ['@'],
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
