import { useNewestEvent } from '../api/queries';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { LinkButton } from '../ui/links';
import { EmptyState } from '../ui/States';

/** No answer can mean no data at all, which asks for something else. */
export function Nothing() {
  const newest = useNewestEvent(useProject().id);
  if (newest.data === null) {
    return <EmptyState title={texts.reports.emptyTitle} text={texts.graph.noEvents}><LinkButton to="/install">{texts.nav.install}</LinkButton></EmptyState>;
  }
  return <EmptyState title={texts.reports.emptyTitle} text={texts.reports.empty} />;
}
