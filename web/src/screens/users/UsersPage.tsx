import { Button, Pagination, Text } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useUsers } from '../../api/people';
import { useProperties } from '../../api/queries';
import { duration } from '../../model/format';
import { isNarrowed, PAGE_SIZE, resort, shownProperties, toUsersQuery, type UsersSearch } from '../../model/users';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkButton } from '../../ui/links';
import { Card, Page } from '../../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States';
import { UsersFilter } from './UsersFilter';
import { UsersTable } from './UsersTable';
import classes from './users.module.css';

const t = texts.users;
const route = getRouteApi('/users');

export function UsersPage() {
  const project = useProject();
  const search = route.useSearch();
  const navigate = useNavigate();
  const set = (next: UsersSearch, replace = false) => void navigate({ to: '/users', search: next, replace });
  const properties = useProperties(project.id);
  const columns = shownProperties(search, properties.data?.user ?? []);
  const users = useUsers(project.id, toUsersQuery(search, columns));
  return (
    <Page title={t.title} lead={t.lead}>
      <Card><UsersFilter search={search} columns={columns} known={properties.data?.user ?? []} onChange={set} /></Card>
      {users.isError && <ErrorState error={users.error} onRetry={() => void users.refetch()} />}
      {users.isPending && <Card padded={false}><LoadingRows rows={10} height={24} /></Card>}
      {users.data && (
        <Card padded={false}>
          {users.data.users.total === 0 ? <Nobody search={search} onClear={() => set(everybody(search))} /> : (
            <div className={classes.answer} data-stale={users.isPlaceholderData || undefined} aria-busy={users.isPlaceholderData}>
              <Text size="sm" c="dimmed" className={classes.count}>
                <span data-testid="users-total" data-settled={!users.isPlaceholderData}>{t.found(users.data.users.total)}</span>
                {` · ${t.answered(duration(users.data.explain.total_ms))}`}
              </Text>
              <UsersTable users={users.data.users.users} columns={columns} search={search} onSort={(sort) => set(resort(search, sort))} />
              <Pages total={users.data.users.total} page={search.page} onChange={(page) => set({ ...search, page })} />
            </div>
          )}
        </Card>
      )}
    </Page>
  );
}

const everybody = ({ sort, dir, show }: UsersSearch): UsersSearch => ({ sort, dir, page: 1, ...(show ? { show } : {}) });

function Nobody({ search, onClear }: { search: UsersSearch; onClear: () => void }) {
  if (!isNarrowed(search)) {
    return <EmptyState title={t.emptyTitle} text={t.empty}><LinkButton to="/install">{texts.nav.install}</LinkButton></EmptyState>;
  }
  return <EmptyState title={t.noneTitle} text={t.none}><Button variant="default" onClick={onClear}>{t.clear}</Button></EmptyState>;
}

function Pages({ total, page, onChange }: { total: number; page: number; onChange: (page: number) => void }) {
  const pages = Math.ceil(total / PAGE_SIZE);
  if (pages <= 1) return null;
  return (
    <nav className={classes.pages} aria-label={t.pages}>
      <Text size="sm" c="dimmed">{t.pageOf(page, pages)}</Text>
      <Pagination
        total={pages} value={page} onChange={onChange} siblings={1} size="sm"
        getControlProps={(control) => ({ 'aria-label': control === 'previous' ? t.previous : t.next })}
        getItemProps={(item) => ({ 'aria-label': t.pageOf(item, pages) })}
      />
    </nav>
  );
}
