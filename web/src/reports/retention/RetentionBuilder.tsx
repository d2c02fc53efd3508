import { Text } from '@mantine/core';
import { intervalsOf, MODES, RETENTION_VIEWS, RETURNED, SHOWN, type RetentionSearch } from '../../model/retention';
import { texts } from '../../texts';
import { Choice } from '../fields/Choice';
import { EventField } from '../fields/EventField';
import { GroupField } from '../fields/GroupField';
import { RangeField } from '../fields/RangeField';
import { Views } from '../fields/Views';
import { WhereField } from '../fields/WhereField';
import { WhoField } from '../fields/WhoField';
import type { BuilderProps } from '../kinds';
import classes from '../reports.module.css';
import { NumberField } from '../segments/SegmentFields';

const t = texts.reports.retention;

type Props = BuilderProps<RetentionSearch>;

export function RetentionBuilder({ search, onChange }: Props) {
  const set = (change: Partial<RetentionSearch>) => {
    const next = { ...search, ...change };
    onChange(intervalsOf(next).includes(next.interval) ? next : { ...next, interval: 'week' });
  };
  return (
    <div className={classes.sentence}>
      <Views label={t.view} value={search.view} options={RETENTION_VIEWS.map((value) => ({ value, label: t.views[value] }))} onChange={(view) => set({ view })} />
      {search.view === 'retention' ? <Returning search={search} onChange={onChange} set={set} /> : <Activity search={search} onChange={onChange} set={set} />}
      <div className={classes.line}>
        {search.view === 'retention' && (
          <>
            <Text span>{texts.graph.groupedBy}</Text>
            <GroupField search={search} onChange={onChange} events={false} />
          </>
        )}
        <WhoField search={search} onChange={onChange} />
        {search.view !== 'lifecycle' && (
          <>
            <Text span>{texts.reports.graph.shownAs}</Text>
            <Choice label={t.shown} value={search.shown} onChange={(shown) => set({ shown })} options={SHOWN.map((value) => ({ value, label: t.shownOptions[value] }))} testid="retention-shown" />
          </>
        )}
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}

type Part = Props & { set: (change: Partial<RetentionSearch>) => void };

function Returning({ search, onChange, set }: Part) {
  return (
    <>
      <div className={classes.line}>
        <Text span>{t.ofUsers}</Text>
        <EventField value={search.start} label={t.event} onChange={(start) => set({ start })} testid="retention-start" />
        <Text span>{t.was}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <Text span>{t.howMany}</Text>
        <EventField value={search.return} label={t.returnEvent} onChange={(again) => set({ return: again })} testid="retention-return" />
        <Choice label={t.returned} value={search.returned} onChange={(returned) => set({ returned })} options={RETURNED.map((value) => ({ value, label: t.returnedOptions[value] }))} />
      </div>
      <div className={classes.line}>
        <Text span>{t.each}</Text>
        <NumberField label={t.periods} value={search.periods} least={1} most={60} onChange={(periods) => set({ periods })} testid="retention-periods" />
        <Interval search={search} set={set} />
        <Text span>{t.after}</Text>
        <Choice label={t.mode} value={search.mode} onChange={(mode) => set({ mode })} options={MODES.map((value) => ({ value, label: t.modes[value] }))} testid="retention-mode" />
      </div>
    </>
  );
}

function Activity({ search, onChange, set }: Part) {
  return (
    <div className={classes.line}>
      <Text span>{t.who}</Text>
      <EventField value={search.start} label={t.event} onChange={(start) => set({ start })} testid="retention-start" />
      <Text span>{t.by}</Text>
      <Interval search={search} set={set} single />
      <Text span>{texts.graph.over}</Text>
      <RangeField search={search} onChange={onChange} />
    </div>
  );
}

function Interval({ search, set, single = false }: Pick<Part, 'search' | 'set'> & { single?: boolean }) {
  const label = (value: RetentionSearch['interval']) => (single ? texts.graph.intervals[value] : t.intervals[value]);
  return (
    <Choice
      label={texts.graph.interval} value={search.interval} onChange={(interval) => set({ interval })} testid="retention-interval"
      options={intervalsOf(search).map((value) => ({ value, label: label(value) }))}
    />
  );
}
