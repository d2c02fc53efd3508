import { ActionIcon, Button, CloseButton, MultiSelect, Text } from '@mantine/core';
import { useProperties } from '../../api/queries';
import { eventLabel, type EventRef } from '../../model/eventRef';
import { MAX_STEPS, ORDERS, PERS, type FunnelSearch } from '../../model/funnel';
import { readSpan, spanText } from '../../model/segmentRows';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { Icon } from '../../ui/icons';
import { Choice } from '../fields/Choice';
import { EventField } from '../fields/EventField';
import { EventsField } from '../fields/EventsField';
import { GroupField } from '../fields/GroupField';
import { RangeField } from '../fields/RangeField';
import { WhereField } from '../fields/WhereField';
import { WhoField } from '../fields/WhoField';
import type { BuilderProps } from '../kinds';
import classes from '../reports.module.css';
import { SpanFields } from '../segments/SegmentFields';

const t = texts.reports.funnel;

type Props = BuilderProps<FunnelSearch>;

export function FunnelBuilder({ search, onChange }: Props) {
  const set = (change: Partial<FunnelSearch>) => onChange({ ...search, ...change });
  const options = <T extends string>(all: readonly T[], labels: Record<T, string>) => all.map((value) => ({ value, label: labels[value] }));
  return (
    <div className={classes.sentence}>
      <Steps search={search} onChange={onChange} />
      <div className={classes.line}>
        <Text span>{t.within}</Text>
        <SpanFields label={t.window} value={readSpan(search.window) ?? { n: 7, unit: 'd' }} onChange={(span) => set({ window: spanText(span) })} />
        <Choice label={t.order} value={search.order} onChange={(order) => set({ order })} options={options(ORDERS, t.orders)} testid="funnel-order" />
        <Choice label={t.per} value={search.per} onChange={(per) => set({ per })} options={options(PERS, t.pers)} testid="funnel-per" />
      </div>
      <div className={classes.line}>
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={onChange} />
        <Text span>{texts.graph.groupedBy}</Text>
        <GroupField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <Hold search={search} onChange={onChange} />
        <Text span>{t.exclude}</Text>
        <EventsField value={search.exclude} onChange={(exclude) => set({ exclude })} most={4} label={t.exclude} placeholder={t.excludePlaceholder} />
        <WhoField search={search} onChange={onChange} />
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}

function Steps({ search, onChange }: Props) {
  const { step } = search;
  const set = (next: EventRef[]) => {
    const { into, ...rest } = search;
    onChange({ ...rest, step: next, ...(into !== undefined && into <= next.length ? { into } : {}) });
  };
  return (
    <div className={classes.steps}>
      {step.map((ref, i) => (
        <div key={i} className={classes.line} data-testid="funnel-step">
          <span className={classes.stepNumber} aria-hidden="true">{i + 1}</span>
          <Text span>{i === 0 ? t.who : t.then}</Text>
          <EventField value={ref} label={t.stepN(i + 1)} onChange={(next) => set(step.map((one, k) => (k === i ? next : one)))} testid={`funnel-step-${i + 1}`} />
          {i > 0 && (
            <ActionIcon
              variant="subtle" color="gray" aria-label={t.up(eventLabel(ref))} title={t.up(eventLabel(ref))}
              onClick={() => set([...step.slice(0, i - 1), ref, step[i - 1] ?? ref, ...step.slice(i + 1)])}
            >
              <span className={classes.up}><Icon name="chevron" size={16} /></span>
            </ActionIcon>
          )}
          {step.length > 2 && <CloseButton icon={<Icon name="close" size={16} />} aria-label={t.removeStep(eventLabel(ref))} onClick={() => set(step.filter((_, k) => k !== i))} />}
          {i === step.length - 1 && step.length < MAX_STEPS && (
            <Button variant="subtle" size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => set([...step, '@click'])} data-testid="funnel-add">{t.addStep}</Button>
          )}
        </div>
      ))}
    </div>
  );
}

function Hold({ search, onChange }: Props) {
  const known = useProperties(useProject().id).data?.event ?? [];
  return (
    <MultiSelect
      className={classes.hold} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.hold} value={search.hold} data={[...new Set([...known, ...search.hold])]} maxValues={3}
      searchable clearable hidePickedOptions placeholder={search.hold.length === 0 ? t.holdPlaceholder : ''} nothingFoundMessage={texts.graph.groupNone}
      onChange={(hold) => onChange({ ...search, hold })} limit={100} data-testid="funnel-hold"
    />
  );
}
