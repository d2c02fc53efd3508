import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { UsersAnswer } from '../../api/people';
import { useAnswer } from '../../api/reports';
import { number } from '../../model/format';
import { readSegment, segmentText } from '../../model/segment';
import { newSegmentRow, toGroup, toSegment, type SegmentGroup } from '../../model/segmentRows';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { SegmentRows } from './SegmentRows';
import classes from '../../reports/reports.module.css';

const t = texts.explore;

interface SegmentDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  lead: string;
  /** A segment as JSON. */
  value: string | undefined;
  onApply: (segment: string) => void;
}

export function SegmentDialog({ opened, onClose, title, lead, value, onApply }: SegmentDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="xl" closeButtonProps={{ 'aria-label': texts.close }} >
      {opened && <Editor lead={lead} value={value} onClose={onClose} onApply={onApply} />}
    </Modal>
  );
}

function Editor({ lead, value, onClose, onApply }: Pick<SegmentDialogProps, 'lead' | 'value' | 'onClose' | 'onApply'>) {
  const project = useProject();
  const [group, setGroup] = useState<SegmentGroup>(() => {
    const read = toGroup(readSegment(value));
    return read === null || read.rows.length === 0 ? { mode: 'all', rows: [newSegmentRow()] } : read;
  });
  const segment = useMemo(() => toSegment(group), [group]);
  const count = useAnswer(project.id, useMemo(() => ({ users: { ...(segment === null ? {} : { segment }), limit: 1 } }), [segment]), segment, segment !== null);
  const apply = () => {
    if (segment === null) return;
    onApply(JSON.stringify(segment));
    onClose();
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">{lead}</Text>
      <SegmentRows value={group} onChange={setGroup} lead={t.segments.users} />
      <Text size="sm" className={classes.wrap} role="status" data-testid="segment-sentence">
        {segment === null ? t.segments.nothing : t.segments.sentence(segmentText(segment))}
        {segment !== null && count.data && !count.isError && ` ${t.segments.fit(number((count.data.answer as UsersAnswer).users.total))}`}
      </Text>
      {count.isError && <Text size="sm" c="var(--mantine-color-error)" role="alert">{count.error.message}</Text>}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>{texts.cancel}</Button>
        <Button onClick={apply} disabled={segment === null} data-testid="segment-apply">{t.whoApply}</Button>
      </Group>
    </Stack>
  );
}
