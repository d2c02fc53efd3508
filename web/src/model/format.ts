/** Numbers and captured values as text. */
import type { CairnEvent, PropertyValue } from '../api/types';
import { texts } from '../texts';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

export const number = (n: number) => whole.format(n);
/** For axes: 1.2K, 3M. */
export const shortNumber = (n: number) => (Math.abs(n) < 10_000 ? whole.format(n) : compact.format(n));

export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

const SPANS = [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const;

/** How long people took: 40 s, 2.5 h, 3 d. */
export function span(ms: number): string {
  const [unit, size] = SPANS.find(([, least]) => ms >= least) ?? ['s', 1000];
  const value = ms / size;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`;
}

/** Of 1024s, as disks are counted: 3.4 MB. */
export function bytes(size: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  const at = size < 1024 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(size) / 10));
  const value = size / 1024 ** at;
  return `${at === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[at] ?? ''}`;
}

/** `part` of `whole` for people: a trace is never shown as nothing, nor nearly all as all. */
export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0%';
  const share = (100 * part) / whole;
  if (share < 0.1) return '<0.1%';
  if (share > 99.9 && part < whole) return '>99.9%';
  return `${share >= 10 ? share.toFixed(1).replace(/\.0$/, '') : share.toFixed(1)}%`;
}

/** Ids differ most at their end. */
export const shortId = (id: string) => (id.length <= 8 ? id : `…${id.slice(-6)}`);

export const personOf = (event: CairnEvent) => event.person ?? texts.live.visitor(shortId(event.user_id));

export function valueText(value: PropertyValue): string {
  if (Array.isArray(value)) return value.map(valueText).join(', ');
  return value === null ? texts.value.null : String(value);
}

/** Captured links are followed only when they are of the web; all else stays text. */
export function safeHref(value: PropertyValue | undefined): string | null {
  if (typeof value !== 'string' || !/^https?:\/\//i.test(value)) return null;
  return URL.canParse(value) ? value : null;
}

export function pageOf(event: CairnEvent): string {
  return text(event, 'path');
}

/** What happened, in the words of the page: text, name or title before technical names. */
export function whatOf(event: CairnEvent): string {
  if (event.type === 'custom') return event.name ?? (text(event, 'name') || texts.live.unnamed);
  if (event.type === 'pageview') return text(event, 'title') || pageOf(event) || texts.live.untitled;
  if (event.type === 'session') return text(event, 'referrer') || texts.live.direct;
  const [tag, id] = [text(event, 'target_tag'), text(event, 'target_id')];
  return text(event, 'target_text') || (tag && `<${tag}${id && `#${id}`}>`) || texts.live.element;
}

function text(event: CairnEvent, property: string): string {
  const value = event.properties[property];
  return typeof value === 'string' ? value.trim() : '';
}
