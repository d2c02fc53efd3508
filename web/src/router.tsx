import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect, retainSearchParams, type SearchSchemaInput } from '@tanstack/react-router';
import { readFunnelSearch } from './model/funnel';
import { readGraphSearch, type GraphSearchInput } from './model/graph';
import { readPathsSearch } from './model/paths';
import { readPivotSearch } from './model/pivot';
import { readRetentionSearch } from './model/retention';
import type { Raw } from './model/scope';
import { readSegmentsSearch } from './model/segments';
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
  validateSearch: (raw: GraphSearchInput & SearchSchemaInput) => readGraphSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'GraphPage'),
});

const funnel = createRoute({
  getParentRoute: () => root,
  path: '/funnel',
  validateSearch: (raw: Raw & SearchSchemaInput) => readFunnelSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'FunnelPage'),
});

const retention = createRoute({
  getParentRoute: () => root,
  path: '/retention',
  validateSearch: (raw: Raw & SearchSchemaInput) => readRetentionSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'RetentionPage'),
});

const paths = createRoute({
  getParentRoute: () => root,
  path: '/paths',
  validateSearch: (raw: Raw & SearchSchemaInput) => readPathsSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'PathsPage'),
});

const segments = createRoute({
  getParentRoute: () => root,
  path: '/segments',
  validateSearch: (raw: Raw & SearchSchemaInput) => readSegmentsSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'SegmentsPage'),
});

const pivot = createRoute({
  getParentRoute: () => root,
  path: '/pivot',
  validateSearch: (raw: Raw & SearchSchemaInput) => readPivotSearch(raw),
  component: lazyRouteComponent(() => import('./reports/pages'), 'PivotPage'),
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

export const router = createRouter({
  routeTree: root.addChildren([index, live, define, graph, funnel, retention, paths, segments, pivot, install, health]),
  parseSearch: readSearch,
  stringifySearch: writeSearch,
  defaultErrorComponent: Crash,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
