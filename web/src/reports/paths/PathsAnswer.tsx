import { Button, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { PathsAnswer as Given, PeopleCell, ReportAnswer, ReportQuery } from '../../api/answers';
import { number } from '../../model/format';
import { flowOf, levelsTable, linksTable, pathsTitle, type PathsSearch } from '../../model/paths';
import type { Table } from '../../model/table';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { LazyChart, type Picked } from '../charts/LazyChart';
import { sankey } from '../charts/sankey';
import { Explain } from '../Explain';
import type { AnswerProps } from '../kinds';
import { Nothing } from '../Nothing';
import { NumberTable } from '../NumberTable';
import { usePeopleOf } from '../People';
import classes from '../reports.module.css';

const t = texts.reports.paths;
const TILE_PX = 240;

export function PathsAnswer({ search, answer, compact = false }: AnswerProps<PathsSearch>) {
  const open = usePeopleOf();
  const given = answer as Given;
  const flow = useMemo(() => flowOf(search, given), [search, given]);
  const [nodes, links] = useMemo(() => pathsTables(search, {} as ReportQuery, given), [search, given]);
  const make = useMemo(() => sankey(flow, search.direction === 'to'), [flow, search.direction]);
  const pick = ({ data }: Picked) => {
    const { cell, title, count } = (data ?? {}) as { cell?: PeopleCell; title?: string; count?: number };
    if (cell) open(cell, `${title ?? ''}: ${number(count ?? 0)}`);
  };
  const most = Math.max(...flow.nodes.map((n) => flow.nodes.filter((m) => m.level === n.level).length), 1);
  const chart = flow.links.length === 0 ? <Nothing /> : (
    <LazyChart make={make} height={compact ? TILE_PX : Math.max(320, 40 * most)} label={texts.reports.chart(pathsTitle(search))} onPick={pick} />
  );
  if (compact) return chart;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <div>
            <Text size="sm" c="dimmed">{t.total}</Text>
            <Text className={classes.total} data-testid="paths-sessions">{number(given.paths.sessions)}</Text>
          </div>
          <Explain answer={answer} />
        </div>
        {chart}
      </Card>
      {nodes && nodes.rows.length > 0 && <Card padded={false} label={nodes.caption}><NumberTable table={nodes} /></Card>}
      {links && links.rows.length > 0 && <Links table={links} />}
    </>
  );
}

/** The numbers of the bands: many, so they are folded. */
function Links({ table }: { table: Table }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" className={classes.views} aria-expanded={shown} onClick={() => setShown(!shown)} data-testid="paths-links">
        {shown ? t.hideLinks : t.showLinks}
      </Button>
      {shown && <Card padded={false} label={table.caption}><NumberTable table={table} /></Card>}
    </>
  );
}

export function pathsTables(search: PathsSearch, _query: ReportQuery, answer: ReportAnswer): Table[] {
  return [levelsTable(search, answer as Given), linksTable(search, answer as Given)];
}
