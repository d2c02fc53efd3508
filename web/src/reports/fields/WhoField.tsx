import { Button, CloseButton, Text } from '@mantine/core';
import { useState } from 'react';
import { readSegment, segmentText } from '../../model/segment';
import type { Scope } from '../../model/scope';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import classes from '../reports.module.css';
import { SegmentDialog } from '../segments/SegmentDialog';

const t = texts.reports;

/** Whose events count: everybody's, or those of a segment. */
export function WhoField<S extends Scope>({ search, onChange }: { search: S; onChange: (search: S) => void }) {
  const [opened, setOpened] = useState(false);
  const segment = readSegment(search.who);
  const drop = () => {
    const { who: _who, ...rest } = search;
    onChange(rest as S);
  };
  return (
    <>
      <Text span>{t.who}</Text>
      <Button
        variant="default" className={classes.who} leftSection={<Icon name="session" size={15} />} onClick={() => setOpened(true)} data-testid="report-who"
        aria-label={`${t.whoEdit}: ${segment === null ? t.everybody : segmentText(segment)}`}
      >
        <span className={classes.cut}>{segment === null ? t.everybody : segmentText(segment)}</span>
      </Button>
      {segment !== null && <CloseButton icon={<Icon name="close" size={16} />} aria-label={t.whoAll} onClick={drop} />}
      <SegmentDialog
        opened={opened} onClose={() => setOpened(false)} title={t.whoTitle} lead={t.whoLead} value={search.who}
        onApply={(who) => onChange({ ...search, who })}
      />
    </>
  );
}
