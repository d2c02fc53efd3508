/** The few icons of the app, drawn on a grid of 24 with one stroke. */
import type { ReactNode } from 'react';

const PATHS = {
  live: <><circle cx="12" cy="12" r="2.5" /><path d="M7.8 16.2a6 6 0 0 1 0-8.4M16.2 7.8a6 6 0 0 1 0 8.4M4.9 19.1a10 10 0 0 1 0-14.2M19.1 4.9a10 10 0 0 1 0 14.2" /></>,
  visualizer: <><path d="M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M4 16v3a1 1 0 0 0 1 1h3" /><path d="M11 11l9.5 3.5-4 2-2 4L11 11z" /></>,
  define: <><path d="M12 3v3M12 18v3M3 12h3M18 12h3" /><circle cx="12" cy="12" r="6" /><circle cx="12" cy="12" r="1.2" /></>,
  graph: <path d="M4 4v15a1 1 0 0 0 1 1h15M7.5 15l4-5 3.5 3 5-7" />,
  funnel: <path d="M5 20V5M5 20h15M9 16V7M13 16v-5.5M17 16v-3" />,
  retention: <><path d="M4 4.5h16v15H4zM4 9.5h16M4 14.5h16M9.3 4.5v15M14.7 4.5v15" /></>,
  users: <><circle cx="9" cy="8.5" r="3.5" /><path d="M2.5 19.5a6.5 6.5 0 0 1 13 0M16 5.3a3.5 3.5 0 0 1 0 6.4M18 14.2a6.5 6.5 0 0 1 3.5 5.3" /></>,
  install: <path d="M8 7l-5 5 5 5M16 7l5 5-5 5M13.5 4.5l-3 15" />,
  health: <path d="M3 12h4l3-8 4 16 3-8h4" />,
  pageview: <path d="M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5" />,
  click: <path d="M9 9l11 4-4.5 2.5L13 20 9 9zM3 9h2M9 3v2M4.8 4.8l1.4 1.4" />,
  change: <path d="M4 20h4L19 9l-4-4L4 16v4zM13 7l4 4" />,
  submit: <path d="M4 12l16-8-5 16-3.5-6.5L4 12zM11.5 13.5L20 4" />,
  custom: <path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 16.9l-5.2 2.8 1-5.9L3.5 9.7l5.9-.8L12 3.5z" />,
  session: <><circle cx="12" cy="8" r="4" /><path d="M4.5 20.5a7.5 7.5 0 0 1 15 0" /></>,
  plus: <path d="M12 5v14M5 12h14" />,
  close: <path d="M6 6l12 12M18 6L6 18" />,
  check: <path d="M5 12.5l4.5 4.5L19 7.5" />,
  back: <path d="M15 6l-6 6 6 6" />,
  download: <path d="M12 4v11M7.5 11L12 15.5 16.5 11M4.5 20h15" />,
  columns: <path d="M4 5h16v14H4zM10 5v14M15 5v14" />,
  chevron: <path d="M9 6l6 6-6 6" />,
  updown: <path d="M8 9l4-4 4 4M8 15l4 4 4-4" />,
  pause: <path d="M8 5v14M16 5v14" />,
  play: <path d="M7 4.5v15l12-7.5-12-7.5z" />,
  search: <><circle cx="10.5" cy="10.5" r="6.5" /><path d="M15.5 15.5L21 21" /></>,
  copy: <><rect x="8" y="8" width="12" height="12" rx="2" /><path d="M16 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2" /></>,
  sun: <><circle cx="12" cy="12" r="4" /><path d="M12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4" /></>,
  moon: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />,
  auto: <><rect x="3" y="4.5" width="18" height="12" rx="2" /><path d="M8 20.5h8M12 16.5v4" /></>,
  out: <path d="M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11M17.5 8.5L21 12l-3.5 3.5" />,
  warning: <path d="M12 4L2.8 19.5h18.4L12 4zM12 10v4.5M12 17.2v.1" />,
  saved: <path d="M7 3.5h10a1 1 0 0 1 1 1v16l-6-4-6 4v-16a1 1 0 0 1 1-1z" />,
  save: <path d="M7 3.5h10a1 1 0 0 1 1 1v16l-6-4-6 4v-16a1 1 0 0 1 1-1z" />,
  dashboards: <path d="M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z" />,
  settings: <><circle cx="12" cy="12" r="3" /><path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1" /></>,
  more: <g fill="currentColor"><circle cx="5" cy="12" r="1" /><circle cx="12" cy="12" r="1" /><circle cx="19" cy="12" r="1" /></g>,
  left: <path d="M15 5l-7 7 7 7" />,
  right: <path d="M9 5l7 7-7 7" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof PATHS;

export const isIcon = (name: string): name is IconName => name in PATHS;

export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth={1.75}
      strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" style={{ flex: 'none' }}
    >
      {PATHS[name]}
    </svg>
  );
}

/** The mark: three stones. */
export function Mark({ size = 26 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" fill="currentColor" aria-hidden="true" style={{ flex: 'none' }}>
      <ellipse cx="16" cy="25.5" rx="12" ry="4.5" />
      <ellipse cx="15.2" cy="16.2" rx="8.4" ry="3.8" />
      <ellipse cx="16.6" cy="8" rx="5" ry="3.2" />
    </svg>
  );
}
