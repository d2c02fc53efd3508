import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Definition } from '../../api/types';
import { combine, type CombineMode } from '../../model/definition';
import { texts } from '../../texts';
import classes from './define.module.css';

const t = texts.definitions.combine;

/** Makes one definition of several: their conditions are copied into the form, where it gets its name. */
export function CombineDialog({ definitions, onClose }: { definitions: Definition[]; onClose: () => void }) {
  const navigate = useNavigate();
  const [mode, setMode] = useState<CombineMode>('any');
  const go = () => {
    const predicate = combine(definitions.map((one) => one.predicate), mode);
    onClose();
    void navigate({ to: '/define', search: { predicate: JSON.stringify(predicate) } });
  };
  return (
    <Modal
      opened={definitions.length > 0} onClose={onClose} title={<Text fw={600}>{t.title(definitions.length)}</Text>}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      <Stack>
        <Text size="sm" c="dimmed">{t.lead}</Text>
        <Text size="sm" className={classes.wrap}>{definitions.map((one) => `“${one.name}”`).join(', ')}</Text>
        <Radio.Group label={t.mode} value={mode} onChange={(value) => setMode(value as CombineMode)}>
          <Stack gap="xs" mt="xs">
            <Radio value="any" label={t.any} data-autofocus />
            <Radio value="all" label={t.all} />
          </Stack>
        </Radio.Group>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>{texts.cancel}</Button>
          <Button onClick={go} data-testid="combine-go">{t.submit}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
