import { Menu, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate, useParams, useRouterState } from '@tanstack/react-router';
import type { Project } from '../api/types';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { NewProjectForm } from './NewProject';
import classes from './Shell.module.css';

export function ProjectSwitcher({ projects, project }: { projects: Project[]; project: Project }) {
  const [adding, { open, close }] = useDisclosure(false);
  const navigate = useNavigate();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const aboutOne = Object.keys(useParams({ strict: false })).length > 0;
  // Another project has other people, definitions and properties: of a page about one of them its list comes along, and nothing else of the
  // address.
  const here = aboutOne ? `/${path.split('/')[1] ?? ''}` : '.';
  const choose = (id: string, to = here) => void navigate({ to: to as '.', search: { project: id } as never });

  return (
    <>
      <Menu width="target" position="bottom-start">
        <Menu.Target>
          <button type="button" className={classes.switcher} aria-label={texts.project.switcher(project.name)}>
            <span className={classes.name} title={project.name}>{project.name}</span>
            <Icon name="updown" size={16} />
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          <Menu.Label>{texts.project.label}</Menu.Label>
          {projects.map((p) => (
            <Menu.Item
              key={p.id} onClick={() => choose(p.id)} aria-current={p.id === project.id}
              rightSection={p.id === project.id ? <Icon name="check" size={16} /> : null}
              style={{ overflowWrap: 'anywhere' }}
            >
              {p.name}
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item leftSection={<Icon name="plus" size={16} />} onClick={open}>{texts.project.add}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={adding} onClose={close} title={texts.project.title} closeButtonProps={{ 'aria-label': texts.close }}>
        <NewProjectForm
          onDone={(created) => {
            close();
            choose(created.id, '/install');
          }}
        />
      </Modal>
    </>
  );
}
