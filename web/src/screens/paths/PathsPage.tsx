import { Checkbox, NativeSelect, NumberInput, Text } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { DIRECTIONS, PATH_TOPS, type PathsSearch } from '../../model/paths';
import { EventField } from '../../reports/fields/EventField';
import { EventsField } from '../../reports/fields/EventsField';
import { RangeField } from '../../reports/fields/RangeField';
import { WhereField } from '../../reports/fields/WhereField';
import { WhoField } from '../../reports/fields/WhoField';
import { ReportPage } from '../../reports/ReportPage';
import classes from '../../reports/reports.module.css';
import { texts } from '../../texts';

const route = getRouteApi('/paths');
const t = texts.explore.paths;
const NO_ANCHOR = '';
const MAX_DEPTH = 10;

export function PathsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const change = (next: PathsSearch, replace = false) => void navigate({ to: '/paths', search: next, replace });
  const set = (part: Partial<PathsSearch>) => change({ ...search, ...part });
  return (
    <ReportPage name="paths" search={search}>
      <div className={classes.line}>
        <Text span>{t.show}</Text>
        <NativeSelect
          aria-label={t.direction} value={search.direction} data={DIRECTIONS.map((value) => ({ value, label: t.directions[value] }))} data-testid="paths-direction"
          onChange={(event) => set({ direction: DIRECTIONS.find((one) => one === event.currentTarget.value) ?? 'from' })}
        />
        <Anchor search={search} onChange={change} />
        <Text span>{t.through}</Text>
        <EventsField value={search.node} onChange={(node) => set({ node })} most={30} label={t.nodes} placeholder={t.nodesPlaceholder} />
      </div>
      <div className={classes.line}>
        <Text span>{t.for}</Text>
        <NumberInput
          aria-label={t.depth} value={search.depth} min={1} max={MAX_DEPTH} allowDecimal={false} clampBehavior="strict" w={76} data-testid="paths-depth"
          onChange={(depth) => typeof depth === 'number' && depth >= 1 && depth <= MAX_DEPTH && set({ depth })}
        />
        <Text span>{t.steps}</Text>
        <NativeSelect aria-label={t.top} value={String(search.top)} data={PATH_TOPS.map(String)} onChange={(event) => set({ top: Number(event.currentTarget.value) })} />
        <Text span>{t.nodesOf}</Text>
        <Checkbox label={t.collapse} checked={search.collapse} onChange={(event) => set({ collapse: event.currentTarget.checked })} />
        <Text span>{texts.graph.over}</Text>
        <RangeField search={search} onChange={change} />
      </div>
      <div className={classes.line}>
        <WhereField search={search} onChange={change} />
        <WhoField search={search} onChange={change} />
      </div>
    </ReportPage>
  );
}

function Anchor({ search, onChange }: { search: PathsSearch; onChange: (search: PathsSearch) => void }) {
  const choose = (anchor: string) => {
    const { anchor: _anchor, ...rest } = search;
    onChange(anchor === NO_ANCHOR ? rest : { ...rest, anchor });
  };
  return (
    <EventField
      value={search.anchor ?? NO_ANCHOR} label={t.anchor} onChange={choose} testid="paths-anchor" first={{ value: NO_ANCHOR, label: t.anchorNone[search.direction] }}
    />
  );
}
