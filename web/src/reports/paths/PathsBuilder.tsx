import { Checkbox, Text } from '@mantine/core';
import { DIRECTIONS, PATH_TOPS, type PathsSearch } from '../../model/paths';
import { texts } from '../../texts';
import { Choice } from '../fields/Choice';
import { EventField } from '../fields/EventField';
import { EventsField } from '../fields/EventsField';
import { RangeField } from '../fields/RangeField';
import { WhereField } from '../fields/WhereField';
import { WhoField } from '../fields/WhoField';
import type { BuilderProps } from '../kinds';
import classes from '../reports.module.css';
import { NumberField } from '../segments/SegmentFields';

const t = texts.reports.paths;
const NO_ANCHOR = '';
const FIRST = { from: { value: NO_ANCHOR, label: t.anchorNone.from }, to: { value: NO_ANCHOR, label: t.anchorNone.to } };

export function PathsBuilder({ search, onChange }: BuilderProps<PathsSearch>) {
  const set = (change: Partial<PathsSearch>) => onChange({ ...search, ...change });
  const anchor = (ref: string) => {
    const { anchor: _anchor, ...rest } = search;
    onChange(ref === NO_ANCHOR ? rest : { ...rest, anchor: ref });
  };
  return (
    <div className={classes.sentence}>
      <div className={classes.line}>
        <Text span>{t.show}</Text>
        <Choice label={t.direction} value={search.direction} onChange={(direction) => set({ direction })} options={DIRECTIONS.map((value) => ({ value, label: t.directions[value] }))} testid="paths-direction" />
        <EventField value={search.anchor ?? NO_ANCHOR} label={t.anchor} onChange={anchor} first={FIRST[search.direction]} testid="paths-anchor" />
        <Text span>{t.through}</Text>
        <EventsField value={search.node} onChange={(node) => set({ node })} most={30} label={t.nodes} placeholder={t.nodesPlaceholder} />
      </div>
      <div className={classes.line}>
        <Text span>{t.for}</Text>
        <NumberField label={t.depth} value={search.depth} least={1} most={10} onChange={(depth) => set({ depth })} testid="paths-depth" />
        <Text span>{t.steps}</Text>
        <Choice label={t.top} value={String(search.top)} onChange={(top) => set({ top: Number(top) })} options={PATH_TOPS.map((n) => ({ value: String(n), label: String(n) }))} />
        <Text span>{t.nodesOf}</Text>
        <Checkbox label={t.collapse} checked={search.collapse} onChange={(event) => set({ collapse: event.currentTarget.checked })} />
      </div>
      <div className={classes.line}>
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={onChange} />
        <WhoField search={search} onChange={onChange} />
      </div>
      <WhereField search={search} onChange={onChange} />
    </div>
  );
}
