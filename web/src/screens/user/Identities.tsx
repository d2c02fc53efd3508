import { Alert, Button, Group, Modal, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useRevoke, type Identification, type Profile, type Revocation } from '../../api/people';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { LinkAnchor, userLink } from '../../ui/links';
import { Card } from '../../ui/Page';
import { ErrorState } from '../../ui/States';
import { When } from '../../ui/When';
import classes from './user.module.css';

const t = texts.users;
/** Somebody who clears cookies has very many. */
const SHOWN = 10;

/** Which user ids belong to the person, since when, and taking one of them back. */
export function Identities({ profile: { person, identifications } }: { profile: Profile }) {
  const [revoking, setRevoking] = useState<string | null>(null);
  const [revoked, setRevoked] = useState<Revocation | null>(null);
  const [all, setAll] = useState(false);
  const shown = all ? person.user_ids : person.user_ids.slice(0, SHOWN);
  return (
    <Card label={t.ids_}>
      <Title order={2} size="h5">{t.ids_}</Title>
      {person.handle !== null && <Text size="sm" c="dimmed" mt={2}>{t.idsText}</Text>}
      {revoked && <Revoked revoked={revoked} onClose={() => setRevoked(null)} />}
      <ul className={classes.ids}>
        {shown.map((id) => (
          <UserId key={id} id={id} handle={person.handle} said={identifications.filter((one) => one.user_id === id)} onRevoke={() => setRevoking(id)} />
        ))}
      </ul>
      {shown.length < person.user_ids.length && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setAll(true)}>{t.showAll(person.user_ids.length)}</Button>
      )}
      {person.handle !== null && (
        <RevokeDialog id={revoking} handle={person.handle} onClose={() => setRevoking(null)} onDone={setRevoked} />
      )}
    </Card>
  );
}

interface UserIdProps {
  id: string;
  handle: string | null;
  said: Identification[];
  onRevoke: () => void;
}

function UserId({ id, handle, said, onRevoke }: UserIdProps) {
  // The earliest that stands is why the id belongs to the person.
  const standing = said.find((one) => !one.revoked && one.handle === handle);
  const others = said.filter((one, at) => one !== standing && (one.revoked || one.handle !== handle)
    && said.findIndex((same) => same.handle === one.handle && same.revoked === one.revoked) === at);
  return (
    <li className={classes.id} data-testid="user-id">
      <div className={classes.idText}>
        <span className={classes.mono} title={t.idLabel(id)}>{id}</span>
        {standing && <Text size="xs" c="dimmed">{t.since} <When time={standing.time} /></Text>}
        {others.map((one) => (
          <Text key={`${one.handle} ${one.time}`} size="xs" c="dimmed" className={classes.wrap}>
            {one.revoked ? t.revoked(one.handle) : t.otherwise(one.handle)}
          </Text>
        ))}
      </div>
      {handle !== null && (
        <Button size="compact-xs" variant="default" onClick={onRevoke} aria-label={t.revokeLabel(id)} data-testid="user-revoke">{t.revoke}</Button>
      )}
    </li>
  );
}

interface RevokeDialogProps {
  id: string | null;
  handle: string;
  onClose: () => void;
  onDone: (revoked: Revocation) => void;
}

function RevokeDialog({ id, handle, onClose, onDone }: RevokeDialogProps) {
  const project = useProject();
  const revoke = useRevoke(project.id);
  const close = () => {
    revoke.reset();
    onClose();
  };
  const confirm = () => {
    if (id === null) return;
    revoke.mutate({ user_id: id, handle }, {
      onSuccess: (revoked) => {
        close();
        onDone(revoked);
      },
    });
  };
  return (
    <Modal opened={id !== null} onClose={close} title={<Text fw={600}>{t.revokeTitle}</Text>} closeButtonProps={{ 'aria-label': texts.close }}>
      <Stack>
        <Text size="sm" className={classes.wrap}>{t.revokeText(id ?? '', handle)}</Text>
        <Text size="sm" c="dimmed">{t.revokeAgain}</Text>
        {revoke.isError && <ErrorState error={revoke.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>{texts.cancel}</Button>
          <Button color="red" loading={revoke.isPending} onClick={confirm} data-testid="revoke-confirm">{t.revoke}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function Revoked({ revoked, onClose }: { revoked: Revocation; onClose: () => void }) {
  const { user_id: id, belongs_to: handle } = revoked;
  return (
    <Alert mt="sm" role="status" withCloseButton closeButtonLabel={t.dismiss} onClose={onClose} data-testid="revoked">
      <Text size="sm" className={classes.wrap}>{handle === null ? t.revokedNow(id) : t.revokedOther(id, handle)}</Text>
      <LinkAnchor {...userLink({ handle, user_ids: [id] })} size="sm" c="inherit" underline="always">{t.seeRevoked}</LinkAnchor>
    </Alert>
  );
}
