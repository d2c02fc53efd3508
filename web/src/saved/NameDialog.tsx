import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { texts } from '../texts';
import { ErrorState } from '../ui/States';

interface NameDialogProps {
  opened: boolean;
  title: string;
  lead?: string;
  /** What the field begins with. */
  name: string;
  placeholder?: string;
  missing: string;
  submit: string;
  change: { isPending: boolean; error: Error | null };
  onSubmit: (name: string) => void;
  onClose: () => void;
}

/** Asks for a name. */
export function NameDialog({ opened, title, onClose, ...rest }: NameDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={600}>{title}</Text>} closeButtonProps={{ 'aria-label': texts.close }}>
      {opened && <NameForm {...rest} onClose={onClose} />}
    </Modal>
  );
}

function NameForm({ lead, name, placeholder, missing, submit, change, onSubmit, onClose }: Omit<NameDialogProps, 'opened' | 'title'>) {
  const [value, setValue] = useState(name);
  const [tried, setTried] = useState(false);
  const trimmed = value.trim();
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (trimmed !== '') onSubmit(trimmed);
  };
  return (
    <form onSubmit={send} noValidate>
      <Stack>
        {lead !== undefined && <Text size="sm" c="dimmed">{lead}</Text>}
        <TextInput
          label={texts.saved.save.name} placeholder={placeholder} value={value} maxLength={200} autoComplete="off" data-autofocus data-testid="name-field"
          error={tried && trimmed === '' && missing} onChange={(event) => setValue(event.currentTarget.value)}
        />
        {change.error && <ErrorState error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{texts.cancel}</Button>
          <Button type="submit" loading={change.isPending} data-testid="name-submit">{submit}</Button>
        </Group>
      </Stack>
    </form>
  );
}

interface ConfirmDialogProps {
  opened: boolean;
  title: string;
  text: string;
  submit: string;
  /** Of the button: red, unless nothing goes. */
  color?: string;
  change: { isPending: boolean; error: Error | null };
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks once more before something goes. */
export function ConfirmDialog({ opened, title, text, submit, color = 'red', change, onConfirm, onClose }: ConfirmDialogProps) {
  return (
    <Modal
      opened={opened} onClose={onClose} title={<Text fw={600} style={{ overflowWrap: 'anywhere' }}>{title}</Text>}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      <Stack>
        <Text size="sm">{text}</Text>
        {change.error && <ErrorState error={change.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>{texts.cancel}</Button>
          <Button color={color} loading={change.isPending} onClick={onConfirm} data-testid="confirm">{submit}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
