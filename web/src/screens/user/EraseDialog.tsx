import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { useErase, useForgetPeople, useSeen, type Person } from '../../api/people';
import { confirmation, type PersonRef } from '../../model/person';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { ErrorState } from '../../ui/States';
import { Receipt } from './Receipt';
import classes from './user.module.css';

const t = texts.users;

interface EraseDialogProps {
  who: PersonRef;
  person: Person;
  opened: boolean;
  onClose: () => void;
}

export function EraseDialog({ who, person, opened, onClose }: EraseDialogProps) {
  const project = useProject();
  const navigate = useNavigate();
  const erase = useErase(project.id);
  const forget = useForgetPeople(project.id);
  // Once it is done the page is about nobody: the dialog leads away.
  const close = () => {
    if (erase.isPending) return;
    if (erase.isSuccess) void navigate({ to: '/users', replace: true }).then(forget);
    else {
      erase.reset();
      onClose();
    }
  };
  return (
    <Modal
      opened={opened} onClose={close} closeButtonProps={{ 'aria-label': texts.close }}
      closeOnClickOutside={!erase.isSuccess} title={<Text fw={600}>{erase.isSuccess ? t.receiptTitle : t.eraseTitle}</Text>}
    >
      {erase.data
        ? <Receipt erasure={erase.data} person={person} onDone={close} />
        : <Confirm who={who} person={person} erase={erase} onCancel={close} />}
    </Modal>
  );
}

interface ConfirmProps {
  who: PersonRef;
  person: Person;
  erase: ReturnType<typeof useErase>;
  onCancel: () => void;
}

function Confirm({ who, person, erase, onCancel }: ConfirmProps) {
  const project = useProject();
  const events = useSeen(project.id, who).data?.events;
  const [typed, setTyped] = useState('');
  const [purge, setPurge] = useState(false);
  const wanted = confirmation(person);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed !== wanted) return;
    erase.mutate({ purge, ...(person.handle === null ? { users: person.user_ids } : { handle: person.handle }) });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm">{t.eraseText(person.user_ids.length)}</Text>
        {events !== undefined && <Text size="sm" fw={600}>{t.eraseEvents(events)}</Text>}
        <TextInput
          label={<span className={classes.wrap}>{t.eraseConfirm(wanted)}</span>} value={typed} onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off" autoCapitalize="off" spellCheck={false} data-autofocus data-testid="erase-typed"
        />
        <Checkbox label={t.erasePurge} description={t.erasePurgeText} checked={purge} onChange={(event) => setPurge(event.currentTarget.checked)} />
        {erase.isError && <ErrorState error={erase.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>{texts.cancel}</Button>
          <Button type="submit" color="red" disabled={typed !== wanted} loading={erase.isPending} data-testid="erase-confirm">{t.eraseGo}</Button>
        </Group>
      </Stack>
    </form>
  );
}
