import { Alert, Button, Checkbox, Group, Modal, NumberInput, Radio, Stack, Text } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { settingsOf, useChangeProject, useEventsBefore } from '../api/settings';
import { keepsLess, RETENTION_MAX } from '../model/settings';
import { addDays, dateIn } from '../model/time';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import { Icon } from '../ui/icons';
import { ErrorState } from '../ui/States';
import { Saved, Section } from './SettingsPage';

const t = texts.settings.retention;
const FIRST_CHOICE = 395;

export function Retention() {
  const project = useProject();
  const change = useChangeProject(project.id);
  const [limited, setLimited] = useState(project.retention_days !== null);
  const [days, setDays] = useState<number | string>(project.retention_days ?? FIRST_CHOICE);
  const [asking, setAsking] = useState(false);
  const number = typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= RETENTION_MAX ? days : null;
  const wanted = limited ? number : null;
  const wrong = limited && number === null;
  const store = () => change.mutate({ ...settingsOf(project), retention_days: wanted }, { onSuccess: () => setAsking(false) });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (wrong) return;
    if (keepsLess(project.retention_days, wanted)) setAsking(true);
    else store();
  };
  const edit = (act: () => void) => {
    change.reset();
    act();
  };
  return (
    <Section title={t.title} lead={t.lead}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <Radio.Group value={limited ? 'limited' : 'forever'} onChange={(value) => edit(() => setLimited(value === 'limited'))} label={t.now(project.retention_days)}>
            <Stack gap="xs" mt="xs">
              <Radio value="forever" label={t.forever} />
              <Group gap="sm" align="center">
                <Radio value="limited" label={t.limited} data-testid="retention-limited" />
                <NumberInput
                  aria-label={t.days} w={130} value={days} min={1} max={RETENTION_MAX} clampBehavior="none" allowDecimal={false} allowNegative={false}
                  disabled={!limited} suffix={` ${t.daysUnit}`} onChange={(value) => edit(() => setDays(value))} data-testid="retention-days"
                />
              </Group>
              {wrong && <Text size="sm" c="var(--mantine-color-error)" role="alert">{t.daysWrong}</Text>}
            </Stack>
          </Radio.Group>
          {change.isError && !asking && <ErrorState error={change.error} />}
          <Group>
            <Button type="submit" loading={change.isPending && !asking} disabled={wrong || wanted === project.retention_days}>{texts.settings.save}</Button>
            <Saved text={change.isSuccess ? t.saved(project.retention_days) : null} />
          </Group>
        </Stack>
      </form>
      {wanted !== null && <Confirm opened={asking} days={wanted} change={change} onConfirm={store} onClose={() => setAsking(false)} />}
    </Section>
  );
}

interface ConfirmProps {
  opened: boolean;
  days: number;
  change: { isPending: boolean; error: Error | null };
  onConfirm: () => void;
  onClose: () => void;
}

/** Says how much would go, and asks for a deliberate yes. */
function Confirm({ opened, onClose, ...rest }: ConfirmProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={<Text fw={600}>{t.confirmTitle(rest.days)}</Text>} closeButtonProps={{ 'aria-label': texts.close }}>
      {opened && <ConfirmForm {...rest} onClose={onClose} />}
    </Modal>
  );
}

function ConfirmForm({ days, change, onConfirm, onClose }: Omit<ConfirmProps, 'opened'>) {
  const project = useProject();
  const [understood, setUnderstood] = useState(false);
  const day = addDays(dateIn(project.zone, Date.now()), -days);
  const lost = useEventsBefore(project.id, day);
  return (
    <Stack>
      <Alert color="red" variant="light" icon={<Icon name="warning" />} role="status">
        <Text size="sm">
          {lost.isError ? lost.error.message : lost.isPending ? t.counting : lost.data === 0 ? t.losingNone(day) : t.losing(lost.data, day)}
        </Text>
        <Text size="sm" mt="xs">{t.noWay}</Text>
      </Alert>
      <Checkbox label={t.confirm} checked={understood} onChange={(event) => setUnderstood(event.currentTarget.checked)} data-testid="understood" />
      {change.error && <ErrorState error={change.error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>{texts.cancel}</Button>
        <Button color="red" disabled={!understood || lost.isPending} loading={change.isPending} onClick={onConfirm} data-testid="confirm">{t.submit}</Button>
      </Group>
    </Stack>
  );
}
