/** The record of an erasure, as it is saved. */
import type { Erasure, Person } from '../api/people';
import type { Project } from '../api/types';

export function receiptOf(project: Pick<Project, 'id' | 'name'>, person: Pick<Person, 'handle'>, erasure: Erasure) {
  const instant = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());
  return {
    what: 'erasure',
    project: { id: project.id, name: project.name },
    handle: person.handle,
    user_ids: erasure.users,
    erased_up_to: instant(erasure.at),
    events: erasure.events,
    lists: erasure.lists,
    still_named_by: erasure.mentions,
    files_cleared: erasure.purged,
    files_cleared_from: instant(erasure.purge_at),
  };
}
