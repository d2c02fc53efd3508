import { AppShell, Burger, Center, Group, Loader, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useProjects } from '../api/queries';
import type { Project } from '../api/types';
import { texts } from '../texts';
import { Mark } from '../ui/icons';
import { ErrorState } from '../ui/States';
import { FirstProject } from './NewProject';
import { Nav } from './Nav';
import { ProjectProvider, remember, useChosenProject } from './project';
import classes from './Shell.module.css';

export function Shell() {
  const projects = useProjects();
  if (projects.isPending) return <Center mih="100dvh"><Loader aria-label={texts.loading} /></Center>;
  if (projects.isError) {
    return (
      <Center mih="100dvh" p="md">
        <ErrorState error={projects.error} onRetry={() => void projects.refetch()} />
      </Center>
    );
  }
  return projects.data.length === 0 ? <FirstProject /> : <Frame projects={projects.data} />;
}

function Frame({ projects }: { projects: Project[] }) {
  const [opened, { toggle, close }] = useDisclosure(false);
  const project = useChosenProject(projects);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(close, [path, close]);
  const named = useRouterState({ select: (state) => (state.location.search as { project?: string }).project });
  const navigate = useNavigate();
  const id = project?.id;
  // Every address names its project, so that a copied link shows the same to others.
  useEffect(() => {
    if (id === undefined) return;
    remember(id);
    if (named !== id) void navigate({ to: '.', search: (before: object) => ({ ...before, project: id }) as never, replace: true });
  }, [id, named, navigate]);
  if (!project) return null;

  return (
    <ProjectProvider value={project}>
      <a href="#main" className={classes.skip}>{texts.skip}</a>
      <AppShell
        padding={{ base: 'md', sm: 'xl' }}
        header={{ height: { base: 56, sm: 0 } }}
        navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      >
        <AppShell.Header hiddenFrom="sm" className={classes.bar}>
          <Group h="100%" px="md" gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} size="sm" aria-label={texts.menu} aria-expanded={opened} />
            <Group gap={8} c="pine" wrap="nowrap"><Mark size={22} /></Group>
            <Text fw={600} truncate>{project.name}</Text>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar className={classes.bar}>
          <Nav projects={projects} project={project} />
        </AppShell.Navbar>
        <AppShell.Main id="main" tabIndex={-1}>
          {/* A page begins anew for another project: nothing of one is ever shown in the other. */}
          <Outlet key={project.id} />
        </AppShell.Main>
      </AppShell>
    </ProjectProvider>
  );
}
