/** The tiles of a dashboard, its one date range, and the states that are saved. */
import type { ReportState, Tile } from '../api/saved';
import { isDate } from './time';

export const WIDTHS = [1, 2, 3] as const;
export const TILES_MAX = 40;
export const DAYS = [7, 14, 30, 90] as const;
const MAX_DAYS = 3660;

/** The range of all tiles; none: each has its own. */
export interface DashboardRange {
  days?: number;
  /** The first and the last day, both included. */
  from?: string;
  to?: string;
}

export interface DashboardSearch extends DashboardRange {
  /** The dashboard that is shown. */
  board?: string;
}

export type DashboardSearchInput = { [K in keyof DashboardSearch]?: unknown };

export function readDashboardSearch(raw: DashboardSearchInput): DashboardSearch {
  const board = typeof raw.board === 'string' && /^\d{1,19}$/.test(raw.board) ? { board: raw.board } : {};
  return { ...board, ...readRange(raw) };
}

function readRange({ days, from, to }: { days?: unknown; from?: unknown; to?: unknown }): DashboardRange {
  if (typeof from === 'string' && typeof to === 'string' && isDate(from) && isDate(to) && from <= to) return { from, to };
  const number = Number(days);
  return Number.isInteger(number) && number >= 1 && number <= MAX_DAYS ? { days: number } : {};
}

export const hasRange = (range: DashboardRange) => range.days !== undefined || range.from !== undefined;

export function addTile(tiles: Tile[], report: string): Tile[] {
  return tiles.length >= TILES_MAX ? tiles : [...tiles, { report, width: 1 }];
}

export const removeTile = (tiles: Tile[], at: number) => tiles.filter((_, place) => place !== at);

export function moveTile(tiles: Tile[], from: number, to: number): Tile[] {
  const tile = tiles[from];
  if (tile === undefined || from === to) return tiles;
  const others = removeTile(tiles, from);
  const place = Math.min(Math.max(to, 0), others.length);
  return [...others.slice(0, place), tile, ...others.slice(place)];
}

export const resizeTile = (tiles: Tile[], at: number, width: number) =>
  tiles.map((tile, place) => (place === at ? { ...tile, width } : tile));

/** What of a page's address is the report: without the project, and without what is not set. */
export function stateOf(search: object): ReportState {
  const kept = Object.entries(search).filter(([key, value]) => key !== 'project' && !isNothing(value));
  return Object.fromEntries(kept);
}

const isNothing = (value: unknown) => value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** Whether two states ask the same, in whatever order they stand. */
export const sameState = (a: ReportState, b: ReportState) => canonical(stateOf(a)) === canonical(stateOf(b));

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(String(value));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`).join()}}`;
}
