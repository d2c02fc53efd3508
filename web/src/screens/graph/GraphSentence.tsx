import { MultiSelect, NativeSelect, Select, Text } from '@mantine/core';
import { useProperties } from '../../api/queries';
import { EVENT_TYPES, INTERVALS, MEASURES, type Definition, type Interval, type Measure } from '../../api/types';
import { MAX_GROUPS, TOPS, toGroupKey, type GraphSearch } from '../../model/graph';
import { useProject } from '../../shell/project';
import { texts } from '../../texts';
import { typeName } from '../../ui/TypeIcon';
import { RangeField } from './RangeField';
import classes from './graph.module.css';
import { WhereField } from './WhereField';

const t = texts.graph;
const ANY = '*';

interface SentenceProps {
  search: GraphSearch;
  definitions: Definition[];
  onChange: (search: GraphSearch, replace?: boolean) => void;
}

/** The question, written as a sentence whose words can be changed. */
export function GraphSentence({ search, definitions, onChange }: SentenceProps) {
  const set = (change: Partial<GraphSearch>) => onChange({ ...search, ...change });
  return (
    <div className={classes.sentence}>
      <div className={classes.line}>
        <NativeSelect
          aria-label={t.measure} value={search.measure} data={MEASURES.map((m) => ({ value: m, label: t.measures[m] }))}
          data-testid="graph-measure" onChange={(event) => set({ measure: event.currentTarget.value as Measure })}
        />
        <Text span>{t.of}</Text>
        <EventField search={search} definitions={definitions} onChange={onChange} />
        <Text span>{t.by}</Text>
        <NativeSelect
          aria-label={t.interval} value={search.interval} data={INTERVALS.map((i) => ({ value: i, label: t.intervals[i] }))}
          data-testid="graph-interval" onChange={(event) => set({ interval: event.currentTarget.value as Interval })}
        />
        <Text span>{t.over}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <Text span>{t.groupedBy}</Text>
        <GroupField search={search} onChange={onChange} />
        {search.group.length > 0 && (
          <>
            <Text span>{t.top}</Text>
            <NativeSelect
              aria-label={t.topLabel} value={String(search.top)} data={TOPS.map(String)} data-testid="graph-top"
              onChange={(event) => set({ top: Number(event.currentTarget.value) })}
            />
          </>
        )}
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}

/** Definitions and types share the list; the first letter tells which one a value is. */
function EventField({ search, definitions, onChange }: SentenceProps) {
  const names = definitions.map((d) => d.name);
  // A name that the address has and the project does not is shown all the same; the page says what is wrong.
  if (search.event !== undefined && !names.includes(search.event)) names.push(search.event);
  names.sort((a, b) => a.localeCompare(b));
  const value = search.event !== undefined ? `d${search.event}` : search.type !== undefined ? `t${search.type}` : ANY;
  const choose = (chosen: string | null) => {
    const { event: _event, type: _type, ...rest } = search;
    if (chosen === null) return;
    if (chosen === ANY) onChange(rest);
    else onChange(chosen.startsWith('d') ? { ...rest, event: chosen.slice(1) } : { ...rest, type: chosen.slice(1) });
  };
  return (
    <Select
      className={classes.event} aria-label={t.event} value={value} onChange={choose} searchable allowDeselect={false}
      nothingFoundMessage={t.eventNone} data-testid="graph-event" maxDropdownHeight={360} limit={200}
      data={[
        { value: ANY, label: t.anyEvent },
        { group: t.definitions, items: names.map((name) => ({ value: `d${name}`, label: name })) },
        { group: t.types, items: EVENT_TYPES.map((type) => ({ value: `t${type}`, label: typeName(type) })) },
      ]}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
    />
  );
}

function GroupField({ search, onChange }: Pick<SentenceProps, 'search' | 'onChange'>) {
  const project = useProject();
  const known = useProperties(project.id).data ?? { event: [], user: [] };
  const options = (of: 'event' | 'user') => {
    const chosen = search.group.map(toGroupKey).flatMap((key) => (key !== null && of in key ? Object.values(key) as string[] : []));
    return [...new Set([...known[of], ...chosen])].map((name) => ({ value: `${of}:${name}`, label: name }));
  };
  return (
    <MultiSelect
      className={classes.group} classNames={{ inputField: classes.groupInput ?? '' }} aria-label={t.group} value={search.group} maxValues={MAX_GROUPS} searchable clearable hidePickedOptions
      placeholder={search.group.length === 0 ? t.groupPlaceholder : ''} nothingFoundMessage={t.groupNone} data-testid="graph-group"
      onChange={(group) => onChange({ ...search, group })} limit={100} maxDropdownHeight={320}
      data={[{ group: t.eventProperties, items: options('event') }, { group: t.userProperties, items: options('user') }]}
    />
  );
}
