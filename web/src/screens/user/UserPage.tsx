import { Button, Group } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '../../api/client';
import { useExport, useProfile, type Profile } from '../../api/people';
import { shortId } from '../../model/format';
import { readPersonId, type PersonRef } from '../../model/person';
import { fileName, saveFile } from '../../model/save';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { LinkAnchor, LinkButton } from '../../ui/links';
import { Card, Page } from '../../ui/Page';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States';
import { EraseDialog } from './EraseDialog';
import { Facts } from './Facts';
import { Identities } from './Identities';
import { Stream } from './Stream';
import classes from './user.module.css';

const t = texts.users;
const route = getRouteApi('/users/$id');

export function UserPage() {
  const { id } = route.useParams();
  // Another person's page begins anew: a half-typed confirmation must not be another's.
  return <OneUser key={id} who={readPersonId(id)} />;
}

function OneUser({ who }: { who: PersonRef }) {
  const project = useProject();
  const profile = useProfile(project.id, who);
  const name = 'handle' in who ? who.handle : t.visitor(shortId(who.id));
  const back = <LinkAnchor to="/users" size="sm" className={classes.back}><Icon name="back" size={14} />{t.back}</LinkAnchor>;
  if (profile.data) return <Whole who={who} profile={profile.data} back={back} />;
  const gone = profile.error instanceof ApiError && profile.error.code === 'unknown_user';
  return (
    <>
      {back}
      <Page title={name}>
        {profile.isPending && <Card padded={false}><LoadingRows rows={8} height={28} /></Card>}
        {gone && <Card><EmptyState title={t.goneTitle} text={t.gone}><LinkButton to="/users">{t.back}</LinkButton></EmptyState></Card>}
        {profile.isError && !gone && <ErrorState error={profile.error} onRetry={() => void profile.refetch()} />}
      </Page>
    </>
  );
}

function Whole({ who, profile, back }: { who: PersonRef; profile: Profile; back: React.ReactNode }) {
  const { person } = profile;
  const name = person.handle ?? t.visitor(shortId(person.user_ids[0] ?? ''));
  return (
    <>
      {back}
      <Page title={name} lead={person.handle === null ? t.notIdentified : t.identified} actions={<Actions who={who} profile={profile} />}>
        <div className={classes.columns}>
          <div className={classes.side}>
            <Facts who={who} profile={profile} />
            <Identities profile={profile} />
          </div>
          <Stream who={who} handle={person.handle} />
        </div>
      </Page>
    </>
  );
}

function Actions({ who, profile }: { who: PersonRef; profile: Profile }) {
  const project = useProject();
  const { person } = profile;
  const [erasing, setErasing] = useState(false);
  const whole = useExport(project.id);
  const save = () =>
    whole.mutate(who, { onSuccess: (file) => saveFile(`${fileName('person', person.handle ?? person.user_ids[0] ?? '')}.json`, file) });
  return (
    <div className={classes.actions}>
      <Group gap="xs">
        <Button
          variant="default" size="sm" leftSection={<Icon name="download" size={15} />} title={t.exportText} loading={whole.isPending} onClick={save}
          data-testid="user-export"
        >
          {t.exportAll}
        </Button>
        <Button variant="light" color="red" size="sm" onClick={() => setErasing(true)} data-testid="user-erase">{t.erase}</Button>
      </Group>
      {whole.isError && <ErrorState error={whole.error} title={t.exportFailed} onRetry={save} />}
      <EraseDialog who={who} person={person} opened={erasing} onClose={() => setErasing(false)} />
    </div>
  );
}
