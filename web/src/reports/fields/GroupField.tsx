import { MultiSelect, NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { useProperties } from '../../api/queries';
import { TOPS } from '../../model/graph';
import { groupKeyLabel, MAX_GROUPS, type Scope } from '../../model/scope';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import classes from '../reports.module.css';
import { SegmentDialog } from '../segments/SegmentDialog';

const t = texts.graph;
const BUILD = 'build';

type Grouped = Scope & { group: string[]; top?: number };

interface GroupFieldProps<S extends Grouped> {
  search: S;
  onChange: (search: S) => void;
  most?: number;
  /** Cohorts are users, who have no properties of events. */
  events?: boolean;
}

/** Properties of the event, of the user, and segments. */
export function GroupField<S extends Grouped>({ search, onChange, most = MAX_GROUPS, events = true }: GroupFieldProps<S>) {
  const project = useProject();
  const [building, setBuilding] = useState(false);
  const known = useProperties(project.id).data ?? { event: [], user: [] };
  const options = (of: 'event' | 'user') => {
    const chosen = search.group.filter((key) => key.startsWith(`${of}:`));
    return [...new Set([...known[of].map((name) => `${of}:${name}`), ...chosen])].map((value) => ({ value, label: groupKeyLabel(value) }));
  };
  const segments = search.group.filter((key) => key.startsWith('segment:')).map((value) => ({ value, label: groupKeyLabel(value) }));
  const set = (group: string[]) => (group.includes(BUILD) ? setBuilding(true) : onChange({ ...search, group }));
  return (
    <>
      <MultiSelect
        className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.group} value={search.group} maxValues={most} searchable clearable hidePickedOptions
        placeholder={search.group.length === 0 ? t.groupPlaceholder : ''} nothingFoundMessage={t.groupNone} data-testid="report-group"
        onChange={set} limit={100} maxDropdownHeight={320}
        data={[
          ...(events ? [{ group: t.eventProperties, items: options('event') }] : []),
          { group: t.userProperties, items: options('user') },
          { group: texts.reports.segments, items: [...segments, { value: BUILD, label: texts.reports.groupSegment }] },
        ]}
      />
      {search.group.length > 0 && search.top !== undefined && (
        <>
          <Text span>{t.top}</Text>
          <NativeSelect
            aria-label={t.topLabel} value={String(search.top)} data={TOPS.map(String)} data-testid="report-top"
            onChange={(event) => onChange({ ...search, top: Number(event.currentTarget.value) })}
          />
        </>
      )}
      <SegmentDialog
        opened={building} onClose={() => setBuilding(false)} title={texts.reports.groupSegmentTitle} lead={texts.reports.groupSegmentLead} value={undefined}
        onApply={(segment) => onChange({ ...search, group: [...search.group, `segment:${segment}`].slice(-most) })}
      />
    </>
  );
}
