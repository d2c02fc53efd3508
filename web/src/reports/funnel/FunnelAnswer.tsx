import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMemo, type CSSProperties } from 'react';
import type { FunnelAnswer as Given } from '../../api/answers';
import { number, percent, span } from '../../model/format';
import {
  conversionShare, FUNNEL_INTERVALS, FUNNEL_VIEWS, funnelTitle, groupsTable, isGrouped, stepName, stepsTable, stepShare, timeBins, timesTable, trends, type FunnelSearch,
} from '../../model/funnel';
import { lineStyle } from '../../model/palette';
import { axisLabel, bucketLabel } from '../../model/time';
import { texts } from '../../texts';
import { Card } from '../../ui/Page';
import { funnelBars, STATES, STATE_COLORS } from '../charts/funnel';
import { LazyChart, type Picked } from '../charts/LazyChart';
import { histogram, overTime } from '../charts/options';
import { Explain } from '../Explain';
import { Choice } from '../fields/Choice';
import { IntervalField } from '../fields/IntervalField';
import { Views } from '../fields/Views';
import type { AnswerProps } from '../kinds';
import { Nothing } from '../Nothing';
import { NumberTable } from '../NumberTable';
import { usePeopleOf } from '../People';
import classes from '../reports.module.css';
import { trendTable } from './tables';

const t = texts.reports.funnel;
const HEIGHT_PX = 320;
const TILE_PX = 220;

interface Props extends Omit<AnswerProps<FunnelSearch>, 'answer'> {
  answer: Given;
}

export function FunnelAnswer({ answer, ...rest }: AnswerProps<FunnelSearch>) {
  const given = answer as Given;
  const props: Props = { ...rest, answer: given };
  const { search, compact = false } = props;
  const empty = (given.funnel.total[0]?.reached ?? 0) === 0;
  // Another view can stand in the address while this answer is still of the one before.
  const view = search.view === 'trend' && given.funnel.over_time === undefined ? 'steps' : search.view;
  const chart = empty ? <Nothing /> : view === 'time' ? <Times {...props} /> : view === 'trend' ? <Trend {...props} /> : <Steps {...props} />;
  if (compact) return <><Headline {...props} />{chart}</>;
  return (
    <>
      <Card>
        <div className={classes.headline}>
          <Headline {...props} />
          <Explain answer={given} />
        </div>
        <ViewLine search={search} />
        {chart}
      </Card>
      {!empty && <Tables {...props} view={view} />}
    </>
  );
}

function Headline({ search, answer }: Props) {
  const open = usePeopleOf();
  const { total, conversion } = answer.funnel;
  const [started, converted] = [total[0]?.reached ?? 0, total.at(-1)?.reached ?? 0];
  const title = `${funnelTitle(search)}: ${number(converted)}`;
  return (
    <div>
      <Text size="sm" c="dimmed">{t.conversion}</Text>
      <button
        type="button" className={`${classes.big} ${classes.total}`} disabled={converted === 0} onClick={() => open({ step: total.length }, title)}
        aria-label={texts.reports.opensPeople(title)} data-testid="funnel-conversion"
      >
        {conversionShare(total)}
      </button>
      <Text size="sm" c="dimmed">
        {t.conversionOf(number(converted), number(started))}
        {conversion.median_ms !== null && ` · ${t.medianTotal(span(conversion.median_ms))}`}
      </Text>
    </div>
  );
}

/** The view and what belongs to it alone; on the page, not on a dashboard. */
function ViewLine({ search }: { search: FunnelSearch }) {
  const navigate = useNavigate();
  const set = (change: Partial<FunnelSearch>) => {
    const { into: _into, ...rest } = search;
    void navigate({ to: '/funnel', search: { ...rest, ...change } as never });
  };
  const into = search.step.slice(1).map((_, k) => ({ value: String(k + 2), label: t.intoStep(stepName(search, k + 1)) }));
  return (
    <div className={`${classes.line} ${classes.viewLine}`}>
      <Views label={t.view} value={search.view} options={FUNNEL_VIEWS.map((value) => ({ value, label: t.views[value] }))} onChange={(view) => set({ view })} />
      {search.view === 'time' && (
        <Choice label={t.into} value={String(search.into ?? '')} options={[{ value: '', label: t.whole }, ...into]} onChange={(k) => set(k === '' ? {} : { into: Number(k) })} />
      )}
      {search.view === 'trend' && (
        <>
          <Text span>{t.by}</Text>
          <IntervalField value={search.interval} all={FUNNEL_INTERVALS} onChange={(interval) => set({ interval })} />
        </>
      )}
    </div>
  );
}

function Steps({ search, answer, compact = false }: Props) {
  const open = usePeopleOf();
  const { total, series } = answer.funnel;
  const grouped = series.length > 1;
  const make = useMemo(() => {
    if (grouped) {
      const axis = total.map((_, k) => stepName(search, k));
      const lines = series.map((s, i) => ({ id: String(i), label: groupsTable(search, answer).rows[i]?.label ?? '', ...lineStyle(i, s.other), values: s.steps.map((step, _, all) => (all[0]?.reached ? (100 * step.reached) / all[0].reached : null)) }));
      return overTime({ lines, axis, titles: axis, bars: true, write: (n) => `${n.toFixed(1)}%`, max: 100 });
    }
    const bars = total.map((step, k) => {
      const before = total[k - 1];
      return { label: stepName(search, k), reached: step.reached, open: before?.open ?? 0, dropped: before?.dropped ?? 0, share: k === 0 ? number(step.reached) : stepShare(total, k) };
    });
    return funnelBars(bars, t.legend);
  }, [grouped, total, series, search, answer]);
  const pick = ({ series: id, index }: Picked) => {
    if (grouped) open({ series: Number(id), step: index + 1 }, stepName(search, index));
    else if (id === 'reached') open({ step: index + 1 }, t.state(stepName(search, index), t.legend.reached));
    else open({ step: index, who: id }, t.state(stepName(search, index - 1), t.legend[id as 'open' | 'dropped']));
  };
  return (
    <>
      {!grouped && (
        <ul className={classes.legend}>
          {STATES.map((state) => (
            <li key={state}><span className={classes.block} style={{ '--swatch': STATE_COLORS[state] } as CSSProperties} />{t.legend[state]}</li>
          ))}
        </ul>
      )}
      <LazyChart make={make} height={compact ? TILE_PX : HEIGHT_PX} label={texts.reports.chart(funnelTitle(search))} onPick={pick} />
    </>
  );
}

function Times({ search, answer, compact = false }: Props) {
  const open = usePeopleOf();
  const { funnel } = answer;
  const counts = (search.into === undefined ? funnel.conversion : funnel.total[search.into - 1])?.histogram;
  const labels = useMemo(() => timeBins(funnel.edges_ms), [funnel.edges_ms]);
  const make = useMemo(() => histogram(labels, counts ?? labels.map(() => 0), lineStyle(0).color, texts.reports.measures.users), [labels, counts]);
  const pick = ({ index }: Picked) => open({ ...(search.into === undefined ? {} : { step: search.into }), bin: index }, `${t.time}: ${labels[index] ?? ''}`);
  if (counts === undefined) return <Nothing />;
  return <LazyChart make={make} height={compact ? TILE_PX : HEIGHT_PX} label={texts.reports.chart(funnelTitle(search))} onPick={pick} />;
}

function Trend({ search, answer, compact = false }: Props) {
  const open = usePeopleOf();
  const { buckets = [], total } = answer.funnel;
  const lines = useMemo(() => trends(answer), [answer]);
  const make = useMemo(() => overTime({
    lines, axis: buckets.map((b) => axisLabel(b, search.interval)), titles: buckets.map((b) => bucketLabel(b, search.interval)), write: (n) => `${n.toFixed(1)}%`,
  }), [lines, buckets, search.interval]);
  const pick = ({ series, index }: Picked) => {
    const line = lines.find((one) => one.id === series);
    if (line && line.converted[index]) open({ ...line.cell, at: index, step: total.length }, `${line.label}, ${bucketLabel(buckets[index] ?? '', search.interval)}: ${percent(line.converted[index] ?? 0, line.started[index] ?? 0)}`);
  };
  return <LazyChart make={make} height={compact ? TILE_PX : HEIGHT_PX} label={texts.reports.chart(funnelTitle(search))} onPick={pick} />;
}

function Tables({ search, answer, view }: Props & { view: FunnelSearch['view'] }) {
  const table = useMemo(
    () => (view === 'time' ? timesTable(search, answer) : view === 'trend' ? trendTable(search, answer) : stepsTable(search, answer)),
    [view, search, answer],
  );
  const groups = useMemo(() => (isGrouped(answer) ? groupsTable(search, answer) : null), [search, answer]);
  return (
    <>
      {view === 'steps' && groups && <Card padded={false} label={groups.caption}><NumberTable table={groups} /></Card>}
      <Card padded={false} label={table.caption}><NumberTable table={table} /></Card>
    </>
  );
}
