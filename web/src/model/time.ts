/** Dates and times as text. Buckets come named in the project's zone and are read from their text, never shifted. */
import type { Interval } from '../api/types';
import { texts } from '../texts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

export function isDate(text: string): boolean {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

/** The calendar date in a zone at an instant, `2026-08-01`. */
export function dateIn(zone: string, ms: number): string {
  const parts = partsIn(zone, ms);
  return `${parts.year}-${parts.month}-${parts.day}`;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);
}

/** To the second with the zone's name, for whoever wants to know exactly. */
export function exactTime(ms: number, zone: string): string {
  const p = partsIn(zone, ms);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second} (${zone})`;
}

/** The time of day, to the minute. */
export function clock(ms: number, zone: string): string {
  const p = partsIn(zone, ms);
  return `${p.hour}:${p.minute}`;
}

/** The time of day, to the second. */
export function clockExact(ms: number, zone: string): string {
  return `${clock(ms, zone)}:${partsIn(zone, ms).second}`;
}

/** The day with its weekday, `Sat, Aug 1, 2026`. */
export function dayLabel(ms: number, zone: string): string {
  return bucketLabel(`${dateIn(zone, ms)}T00:00`, 'day');
}

/** How long ago, in a few characters; the date once that says more. */
export function relativeTime(ms: number, now: number, zone: string): string {
  const ago = now - ms;
  if (ago < 10_000 && ago > -MINUTE) return texts.time.now;
  if (ago >= 0 && ago < MINUTE) return texts.time.seconds(Math.floor(ago / 1000));
  if (ago >= 0 && ago < HOUR) return texts.time.minutes(Math.floor(ago / MINUTE));
  if (ago >= 0 && ago < DAY) return texts.time.hours(Math.floor(ago / HOUR));
  const p = partsIn(zone, ms);
  return `${MONTHS[Number(p.month) - 1]} ${Number(p.day)}, ${p.hour}:${p.minute}`;
}

/** The name of a bucket from its first instant, `2026-08-01T00:00:00+02:00`. */
export function bucketLabel(bucket: string, interval: Interval): string {
  const at = readBucket(bucket);
  if (at === null) return bucket;
  switch (interval) {
    case 'hour':
      return `${WEEKDAYS[at.weekday]}, ${at.monthName} ${at.day}, ${at.clock}`;
    case 'day':
      return `${WEEKDAYS[at.weekday]}, ${at.monthName} ${at.day}, ${at.year}`;
    case 'week':
      return texts.time.weekOf(`${at.monthName} ${at.day}, ${at.year}`);
    case 'month':
      return `${at.monthName} ${at.year}`;
    case 'quarter':
      return `Q${Math.ceil(at.month / 3)} ${at.year}`;
    case 'year':
      return String(at.year);
    case 'whole':
      return texts.graph.wholeRange;
  }
}

/** The same for an axis, where the year and the weekday would only repeat. */
export function axisLabel(bucket: string, interval: Interval): string {
  const at = readBucket(bucket);
  if (at === null) return bucket;
  if (interval === 'day' || interval === 'week') return `${at.monthName} ${at.day}`;
  if (interval === 'hour') return at.clock === '00:00' ? `${at.monthName} ${at.day}` : at.clock;
  return bucketLabel(bucket, interval);
}

function readBucket(bucket: string) {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})/.exec(bucket);
  if (match === null) return null;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  return {
    year, month, day,
    clock: match[4] ?? '',
    monthName: MONTHS[month - 1] ?? '',
    weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay(),
  };
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second';

function partsIn(zone: string, ms: number): Record<Part, string> {
  const parts = Object.fromEntries(formatter(zone).formatToParts(ms).map((p) => [p.type, p.value]));
  return parts as Record<Part, string>;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known) return known;
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23',
  };
  let made: Intl.DateTimeFormat;
  try {
    made = new Intl.DateTimeFormat('en', { ...options, timeZone: zone });
  } catch {
    // A zone that this browser does not know: its times are shown in UTC.
    made = new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' });
  }
  formatters.set(zone, made);
  return made;
}
