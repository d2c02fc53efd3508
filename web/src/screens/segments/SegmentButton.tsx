import { Button } from '@mantine/core';
import { useState } from 'react';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { SegmentDialog } from './SegmentDialog';

const t = texts.explore;

/** Opens the builder of a segment that narrows a report. */
export function SegmentButton({ value, onApply }: { value: string | undefined; onApply: (segment: string) => void }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="subtle" size="xs" leftSection={<Icon name="segments" size={14} />} onClick={() => setOpened(true)} data-testid="report-segment-open">
        {value === undefined ? t.whoBuild : t.whoChange}
      </Button>
      <SegmentDialog opened={opened} onClose={() => setOpened(false)} title={t.whoTitle} lead={t.whoLead} value={value} onApply={onApply} />
    </>
  );
}
