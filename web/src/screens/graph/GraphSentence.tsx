import { NativeSelect, Text } from '@mantine/core';
import { BINS, DEFAULT_BINS, histogramOf, type GraphSearch } from '../../model/graph';
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
  const spread = histogramOf(search) !== null;
  return (
    <>
      <EventLines search={search} onChange={onChange} />
      <div className={classes.line}>
        {spread ? <BinsField search={search} onChange={onChange} /> : (
          <>
            <Text span>{t.by}</Text>
            <IntervalField value={search.interval} onChange={(interval) => onChange({ ...search, interval })} />
          </>
        )}
        <Text span>{t.over}</Text>
        <RangeField search={search} onChange={onChange} />
        <GroupField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <WhereField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
      {!spread && <Compare search={search} onChange={onChange} />}
    </>
  );
}

/** Of a histogram, in the place of the interval. */
function BinsField({ search, onChange }: SentenceProps) {
  const bins = search.bins ?? DEFAULT_BINS;
  const known = BINS.some((n) => n === bins) ? BINS : [...BINS, bins].sort((a, b) => a - b);
  return (
    <NativeSelect
      aria-label={t.bins} value={String(bins)} data={known.map((n) => ({ value: String(n), label: t.inBins(n) }))} data-testid="graph-bins"
      onChange={(event) => onChange({ ...search, bins: Number(event.currentTarget.value) })}
    />
  );
}
