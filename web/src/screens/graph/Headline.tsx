import { Text } from '@mantine/core';
import type { Explain, GraphsAnswer } from '../../api/types';
import { duration, number } from '../../model/format';
import { drawn, lineName, measureParts, type GraphSearch, type Line } from '../../model/graph';
import { letter } from '../../model/report';
import { Dated } from '../../reports/Dated';
import { NumberButton } from '../../reports/NumberButton';
import type { PeopleAsk } from '../../reports/types';
import { texts } from '../../texts';
import classes from '../../reports/reports.module.css';

const t = texts.graph;

interface HeadlineProps {
  graphs: GraphsAnswer['graphs'];
  lines: Line[];
  search: GraphSearch;
  explain: Explain;
  compact: boolean;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
}

/** The total of each event, or of each formula, and what it was in the period before. */
export function Headline({ graphs, search, explain, compact, onPeople }: HeadlineProps) {
  const shown = drawn(graphs.lines);
  const before = drawn(graphs.previous?.lines ?? []);
  const several = shown.length > 1;
  const big = search.chart === 'number';
  return (
    <div className={classes.headline} data-compact={compact || undefined}>
      <div className={classes.totals}>
        {shown.map((line, at) => {
          const name = lineName(line, search);
          const total = line.total.total;
          return (
            <div key={'formula' in line ? `f${at}` : line.event}>
              <Text size="sm" c="dimmed" className={classes.wrap}>{several || 'formula' in line ? name : totalLabel(search, name)}</Text>
              <Text fz={big ? 48 : compact ? 22 : 30} fw={650} lh={1.25} className={classes.number} data-testid={at === 0 ? 'graph-total' : undefined}>
                <NumberButton
                  ask={'formula' in line || total === null || total === 0 ? null : { cell: { event: line.event }, title: name }}
                  onPeople={onPeople} value={total === null ? t.noValue : number(total)}
                />
              </Text>
              {graphs.previous !== undefined && <Change now={total} before={before[at]?.total.total ?? null} />}
            </div>
          );
        })}
      </div>
      {!compact && (
        <Text size="sm" c="dimmed" className={classes.explain}>
          <Dated text={explain.sentence} />
          <br />
          {t.explain(number(explain.rows), duration(explain.total_ms))}
          {search.days !== undefined && search.interval !== 'whole' && ` · ${t.filling}`}
        </Text>
      )}
    </div>
  );
}

function totalLabel(search: GraphSearch, name: string): string {
  const measure = measureParts(search.measure[0] ?? '').name;
  return measure === 'users' ? t.usersTotal : measure === 'count' ? t.countTotal : `${t.measures[measure]} · ${name || letter(0)}`;
}

function Change({ now, before }: { now: number | null; before: number | null }) {
  if (now === null || before === null) return <Text size="sm" c="dimmed">{t.noBefore}</Text>;
  return <Text size="sm" c="dimmed" data-testid="graph-before">{t.change(before === 0 ? null : (100 * (now - before)) / before, number(before))}</Text>;
}
