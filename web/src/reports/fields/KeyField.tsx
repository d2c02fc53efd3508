import { Select } from '@mantine/core';
import { useState } from 'react';
import { useProperties } from '../../api/queries';
import { groupKeyLabel } from '../../model/scope';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';
import { SegmentDialog } from '../segments/SegmentDialog';

const BUILD = 'build';

interface KeyFieldProps {
  label: string;
  value: string;
  onChange: (key: string) => void;
  testid: string;
}

/** One key to group by. */
export function KeyField({ label, value, onChange, testid }: KeyFieldProps) {
  const known = useProperties(useProject().id).data ?? { event: [], user: [] };
  const [building, setBuilding] = useState(false);
  const options = (of: 'event' | 'user') =>
    [...new Set([...known[of].map((name) => `${of}:${name}`), ...(value.startsWith(`${of}:`) ? [value] : [])])].map((key) => ({ value: key, label: groupKeyLabel(key) }));
  const segments = value.startsWith('segment:') ? [{ value, label: groupKeyLabel(value) }] : [];
  return (
    <>
      <Select
        className={classes.event} aria-label={label} value={value} searchable allowDeselect={false} nothingFoundMessage={texts.graph.groupNone} data-testid={testid} limit={200}
        onChange={(key) => (key === BUILD ? setBuilding(true) : key !== null && onChange(key))}
        data={[
          { group: texts.graph.eventProperties, items: options('event') },
          { group: texts.graph.userProperties, items: options('user') },
          { group: texts.reports.segments, items: [...segments, { value: BUILD, label: texts.reports.groupSegment }] },
        ]}
      />
      <SegmentDialog
        opened={building} onClose={() => setBuilding(false)} title={texts.reports.groupSegmentTitle} lead={texts.reports.groupSegmentLead} value={undefined}
        onApply={(segment) => onChange(`segment:${segment}`)}
      />
    </>
  );
}
