import { ActionIcon, SegmentedControl, Skeleton, Text, Title, Tooltip, VisuallyHidden } from '@mantine/core';
import { useState, type DragEvent } from 'react';
import type { Report, Tile } from '../api/saved';
import { moveTile, removeTile, resizeTile, WIDTHS, type DashboardRange } from '../model/dashboard';
import { texts } from '../texts';
import { Icon, type IconName } from '../ui/icons';
import { Card } from '../ui/Page';
import { kindOf, TileAnswer } from './kinds';
import { ReportLink } from './ReportsPage';
import classes from './saved.module.css';

const t = texts.saved.boards;

interface TileGridProps {
  tiles: Tile[];
  /** Null while they are not known. */
  reports: Report[] | null;
  range: DashboardRange;
  arranging: boolean;
  /** With what happened, in words. */
  onChange: (tiles: Tile[], what: string) => void;
}

export function TileGrid({ tiles, reports, range, arranging, onChange }: TileGridProps) {
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const nameOf = (tile: Tile | undefined) => reports?.find((report) => report.id === tile?.report)?.name ?? t.missingReport;
  const move = (from: number, to: number) => onChange(moveTile(tiles, from, to), t.moved(nameOf(tiles[from]), to + 1, tiles.length));
  const drop = (at: number) => {
    if (dragged !== null && dragged !== at) move(dragged, at);
    setDragged(null);
    setOver(null);
  };
  return (
    <ul className={classes.grid}>
      {keyed(tiles).map(({ key, tile }, at) => (
        <li
          key={key} className={classes.tile} data-width={tile.width} data-testid="tile" data-over={(over === at && dragged !== null && dragged !== at) || undefined}
          onDragOver={(event) => {
            if (dragged === null) return;
            event.preventDefault();
            setOver(at);
          }}
          onDrop={(event) => {
            event.preventDefault();
            drop(at);
          }}
        >
          <Card label={t.tile(nameOf(tile), at + 1, tiles.length)}>
            <TileHead
              report={reports?.find((report) => report.id === tile.report) ?? null} known={reports !== null} draggable={arranging}
              onDragStart={() => setDragged(at)} onDragEnd={() => drop(dragged ?? at)}
            />
            {arranging && (
              <TileTools
                name={nameOf(tile)} tile={tile} first={at === 0} last={at === tiles.length - 1}
                onMove={(by) => move(at, at + by)} onResize={(width) => onChange(resizeTile(tiles, at, width), '')}
                onRemove={() => onChange(removeTile(tiles, at), t.taken(nameOf(tile)))}
              />
            )}
            <TileBody report={reports?.find((report) => report.id === tile.report) ?? null} known={reports !== null} range={range} />
          </Card>
        </li>
      ))}
    </ul>
  );
}

/** A report can be there twice: then its places tell them apart. */
function keyed(tiles: Tile[]): { key: string; tile: Tile }[] {
  const seen = new Map<string, number>();
  return tiles.map((tile) => {
    const times = seen.get(tile.report) ?? 0;
    seen.set(tile.report, times + 1);
    return { key: `${tile.report}.${times}`, tile };
  });
}

interface TileHeadProps {
  report: Report | null;
  known: boolean;
  draggable: boolean;
  onDragStart: () => void;
  onDragEnd: () => void;
}

function TileHead({ report, known, draggable, onDragStart, onDragEnd }: TileHeadProps) {
  const start = (event: DragEvent) => {
    event.dataTransfer.effectAllowed = 'move';
    // Some browsers begin no drag without data.
    event.dataTransfer.setData('text/plain', '');
    onDragStart();
  };
  return (
    <div className={classes.tileHead} draggable={draggable} onDragStart={start} onDragEnd={onDragEnd}>
      <Title order={2} size="h5" className={classes.wrap}>
        {report ? <ReportLink report={report} /> : known ? <Text span c="dimmed">{t.missingReport}</Text> : <Skeleton height={18} width={160} />}
      </Title>
    </div>
  );
}

interface TileToolsProps {
  name: string;
  tile: Tile;
  first: boolean;
  last: boolean;
  onMove: (by: 1 | -1) => void;
  onResize: (width: number) => void;
  onRemove: () => void;
}

function TileTools({ name, tile, first, last, onMove, onResize, onRemove }: TileToolsProps) {
  const tool = (label: string, icon: IconName, disabled: boolean, act: () => void) => (
    <Tooltip label={label}>
      {/* Stays focusable at either end, so that the keyboard does not lose its place. */}
      <ActionIcon variant="default" size="md" aria-label={label} aria-disabled={disabled} {...(disabled ? { 'data-disabled': true } : {})} onClick={() => !disabled && act()}>
        <Icon name={icon} size={16} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <div className={classes.tileTools}>
      {tool(t.earlier(name), 'left', first, () => onMove(-1))}
      {tool(t.later(name), 'right', last, () => onMove(1))}
      <SegmentedControl
        size="xs" aria-label={t.width(name)} value={String(tile.width)} onChange={(value) => onResize(Number(value))} visibleFrom="sm"
        data={WIDTHS.map((width) => ({
          value: String(width),
          label: <><span aria-hidden="true">{t.widths[width]}</span><VisuallyHidden>{t.widthNames[width]}</VisuallyHidden></>,
        }))}
      />
      <div className={classes.spacer} />
      {tool(t.take(name), 'close', false, onRemove)}
    </div>
  );
}

function TileBody({ report, known, range }: { report: Report | null; known: boolean; range: DashboardRange }) {
  if (!known) return <Skeleton height={240} aria-label={texts.loading} />;
  if (report === null) return null;
  const kind = kindOf(report.kind);
  return kind === null ? <Text c="dimmed">{t.unknownKind}</Text> : <TileAnswer kind={kind} state={report.state} range={range} />;
}
