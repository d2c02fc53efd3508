import { Checkbox, NativeSelect, SegmentedControl, Text } from '@mantine/core';
import { CHARTS, type ChartType, type GraphSearch } from '../../model/graph';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.graph;
const AVERAGES = [3, 7, 14, 28];

interface CompareProps {
  search: GraphSearch;
  onChange: (search: GraphSearch) => void;
}

/** How it is drawn, and what it is held against. */
export function Compare({ search, onChange }: CompareProps) {
  const { previous: _previous, ...rest } = search;
  const { trailing, ...plain } = search;
  const options = trailing === undefined || AVERAGES.includes(trailing) ? AVERAGES : [...AVERAGES, trailing].sort((a, b) => a - b);
  return (
    <div className={classes.line}>
      <SegmentedControl
        size="xs" aria-label={t.chartType} value={search.chart} data={CHARTS.map((chart) => ({ value: chart, label: t.charts[chart] }))}
        onChange={(chart) => onChange({ ...search, chart: chart as ChartType })} data-testid="graph-chart"
      />
      <Checkbox
        label={t.withBefore} checked={search.previous !== undefined} data-testid="graph-previous"
        onChange={(event) => onChange(event.currentTarget.checked ? { ...search, previous: '1' } : rest)}
      />
      {search.interval !== 'whole' && (
        <>
          <Text span size="sm">{t.average}</Text>
          <NativeSelect
            size="xs" aria-label={t.average} value={trailing === undefined ? '' : String(trailing)} data-testid="graph-trailing"
            data={[{ value: '', label: t.averageNone }, ...options.map((n) => ({ value: String(n), label: t.averageLast(n) }))]}
            onChange={(event) => onChange(event.currentTarget.value === '' ? plain : { ...plain, trailing: Number(event.currentTarget.value) })}
          />
        </>
      )}
    </div>
  );
}
