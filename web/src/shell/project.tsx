import { useRouterState } from '@tanstack/react-router';
import { createContext, useContext } from 'react';
import type { Project } from '../api/types';

const STORED = 'cairn-project';

const ProjectContext = createContext<Project | null>(null);
export const ProjectProvider = ProjectContext.Provider;

/** The project that every page below the shell is about. */
export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (project === null) throw new Error('no project');
  return project;
}

/** The project of the address, else the last one chosen here, else the first. */
export function useChosenProject(projects: Project[]): Project | null {
  const search = useRouterState({ select: (state) => state.location.search as { project?: string } });
  const chosen = search.project ?? remembered();
  return projects.find((p) => p.id === chosen) ?? projects[0] ?? null;
}

function remembered(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

export function remember(project: string) {
  try {
    localStorage.setItem(STORED, project);
  } catch {
    // Without storage the choice lasts as long as the address keeps it.
  }
}
