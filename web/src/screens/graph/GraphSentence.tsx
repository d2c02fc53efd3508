import { Text } from '@mantine/core';
import type { GraphSearch } from '../../model/graph';
import { GroupField } from '../../reports/fields/GroupField';
import { IntervalField } from '../../reports/fields/IntervalField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';
import { EventLines } from './EventLines';
import { Compare } from './Compare';

const t = texts.graph;

interface SentenceProps {
  search: GraphSearch;
  onChange: (search: GraphSearch, replace?: boolean) => void;
}

/** The question, written as a sentence whose words can be changed. */
export function GraphSentence({ search, onChange }: SentenceProps) {
  return (
    <>
      <EventLines search={search} onChange={onChange} />
      <div className={classes.line}>
        <Text span>{t.by}</Text>
        <IntervalField value={search.interval} onChange={(interval) => onChange({ ...search, interval })} />
        <Text span>{t.over}</Text>
        <RangeField search={search} onChange={onChange} />
        <GroupField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <WhereField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
      <Compare search={search} onChange={onChange} />
    </>
  );
}
