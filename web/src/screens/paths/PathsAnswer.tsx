import { Button, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { PathsAnswer as Answer } from '../../api/types';
import { duration, number } from '../../model/format';
import { flowOf, levelsTable, linksTable, pathsTitle, type PathsSearch } from '../../model/paths';
import type { Table } from '../../model/table';
import { ModelTable } from '../../reports/ModelTable';
import reports from '../../reports/reports.module.css';
import type { AnswerProps, PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { EmptyState } from '../../ui/States';
import { Sankey } from './Sankey';

const t = texts.explore.paths;
const LEAST_PX = 320;
const NODE_PX = 44;

export function PathsAnswer({ search, answer, compact, onPeople }: AnswerProps<PathsSearch, Answer>) {
  const flow = useMemo(() => flowOf(search, answer), [search, answer]);
  const nodes = useMemo(() => levelsTable(search, answer), [search, answer]);
  const links = useMemo(() => linksTable(search, answer), [search, answer]);
  const most = useMemo(() => Math.max(1, ...Array.from({ length: flow.levels }, (_, level) => flow.nodes.filter((n) => n.level === level).length)), [flow]);
  const chart = flow.links.length === 0 ? <Nothing sessions={answer.paths.sessions} /> : (
    <Sankey
      flow={flow} reversed={search.direction === 'to'} height={compact ? LEAST_PX : Math.max(LEAST_PX, NODE_PX * most)} most={most} label={texts.explore.tableBelow(pathsTitle(search))}
      onPeople={onPeople}
    />
  );
  if (compact) return chart;
  return (
    <>
      <Card>
        <div className={reports.headline}>
          <div>
            <Text size="sm" c="dimmed">{t.total}</Text>
            <Text fz={30} fw={650} lh={1.25} className={reports.number} data-testid="paths-sessions">{number(answer.paths.sessions)}</Text>
          </div>
          <Text size="sm" c="dimmed" className={reports.explain}>
            {answer.explain.sentence}<br />{texts.reports.explain(number(answer.explain.rows), duration(answer.explain.total_ms))}
          </Text>
        </div>
        {chart}
      </Card>
      {nodes.rows.length > 0 && <Card padded={false} label={nodes.caption}><ModelTable table={nodes} onPeople={onPeople} /></Card>}
      {links.rows.length > 0 && <Links table={links} onPeople={onPeople} />}
    </>
  );
}

/** Sessions of one step have nothing to draw bands between. */
function Nothing({ sessions }: { sessions: number }) {
  if (sessions === 0) return <EmptyState title={texts.explore.emptyTitle} text={texts.explore.empty} />;
  return <EmptyState title={t.singleTitle} text={t.single(sessions)} />;
}

/** The numbers of the bands: many, so they are folded. */
function Links({ table, onPeople }: { table: Table; onPeople: ((ask: PeopleAsk) => void) | undefined }) {
  const [shown, setShown] = useState(false);
  return (
    <>
      <Button variant="default" size="xs" mr="auto" aria-expanded={shown} onClick={() => setShown(!shown)} data-testid="paths-links">
        {shown ? t.hideLinks : t.showLinks}
      </Button>
      {shown && <Card padded={false} label={table.caption}><ModelTable table={table} onPeople={onPeople} /></Card>}
    </>
  );
}
