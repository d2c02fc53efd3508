import { Text } from '@mantine/core';
import type { PivotSearch } from '../../model/pivot';
import { texts } from '../../texts';
import { EventField } from '../fields/EventField';
import { KeyField } from '../fields/KeyField';
import { MeasureField } from '../fields/MeasureField';
import { RangeField } from '../fields/RangeField';
import { WhereField } from '../fields/WhereField';
import { WhoField } from '../fields/WhoField';
import type { BuilderProps } from '../kinds';
import classes from '../reports.module.css';

const t = texts.reports.pivot;

export function PivotBuilder({ search, onChange }: BuilderProps<PivotSearch>) {
  const set = (change: Partial<PivotSearch>) => onChange({ ...search, ...change });
  return (
    <div className={classes.sentence}>
      <div className={classes.line}>
        <MeasureField value={search.measure} onChange={(measure) => set({ measure })} without={['histogram']} />
        <Text span>{texts.graph.of}</Text>
        <EventField value={search.event} onChange={(event) => set({ event })} testid="pivot-event" />
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={onChange} />
      </div>
      <div className={classes.line}>
        <Text span>{t.rows}</Text>
        <KeyField label={t.row} value={search.row} onChange={(row) => set({ row })} testid="pivot-row" />
        <Text span>{t.columns}</Text>
        <KeyField label={t.column} value={search.column} onChange={(column) => set({ column })} testid="pivot-column" />
        <WhoField search={search} onChange={onChange} />
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}
