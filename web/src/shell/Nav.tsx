import { SegmentedControl, Text, Tooltip, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { signOut } from '../api/session';
import type { Project } from '../api/types';
import { texts } from '../texts';
import { Icon, Mark, type IconName } from '../ui/icons';
import { ProjectSwitcher } from './ProjectSwitcher';
import classes from './Shell.module.css';

const BEFORE = ['live', 'visualizer', 'define'] as const;
const REPORTS = ['graph', 'funnel', 'retention', 'saved', 'dashboards'] as const;
const AFTER = ['users', 'install', 'health', 'settings'] as const;
type LinkName = (typeof BEFORE | typeof REPORTS | typeof AFTER)[number];

export function Nav({ projects, project }: { projects: Project[]; project: Project }) {
  return (
    <div className={classes.nav}>
      <div className={classes.brand}>
        <Mark />
        <Text fw={700} size="lg" c="var(--mantine-color-text)">{texts.app}</Text>
      </div>
      <ProjectSwitcher projects={projects} project={project} />
      <nav aria-label={texts.nav.label}>
        <Links names={BEFORE} />
        <Text size="xs" fw={600} c="dimmed" className={classes.group} id="nav-reports">{texts.reports.group}</Text>
        <Links names={REPORTS} labelledBy="nav-reports" />
        <div className={classes.gap} />
        <Links names={AFTER} />
      </nav>
      <div style={{ flex: 1 }} />
      <SchemeSwitch />
      <button type="button" className={classes.switcher} style={{ border: 0 }} onClick={() => void signOut()}>
        <Icon name="out" />
        {texts.signIn.out}
      </button>
    </div>
  );
}

function Links({ names, labelledBy }: { names: readonly LinkName[]; labelledBy?: string }) {
  return (
    <ul className={classes.links} aria-labelledby={labelledBy}>
      {names.map((name) => (
        <li key={name}>
          <Link to={`/${name}`} className={classes.link} activeOptions={{ includeSearch: false }}>
            <Icon name={name} />
            {texts.nav[name]}
          </Link>
        </li>
      ))}
    </ul>
  );
}

const SCHEMES: [MantineColorScheme, IconName][] = [['light', 'sun'], ['dark', 'moon'], ['auto', 'auto']];

function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <SegmentedControl
      fullWidth size="xs" aria-label={texts.scheme.label} value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={SCHEMES.map(([value, icon]) => ({
        value,
        label: (
          <Tooltip label={texts.scheme[value]}>
            <span role="img" aria-label={texts.scheme[value]} style={{ display: 'flex', justifyContent: 'center', paddingBlock: 2 }}>
              <Icon name={icon} size={16} />
            </span>
          </Tooltip>
        ),
      }))}
    />
  );
}
