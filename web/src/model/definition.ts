/** Definitions beside each other: what a change adds and loses, and several as one. */
import type { Predicate } from '../api/types';

/** What the new meaning matches and the old one did not, and the other way round. */
export function difference(before: Predicate, after: Predicate): { added: Predicate; lost: Predicate } {
  return { added: { all: [after, { not: before }] }, lost: { all: [before, { not: after }] } };
}

export type CombineMode = 'any' | 'all';

/** Several meanings as one. What is already a list of that mode is not nested again, and nothing stands in it twice. */
export function combine(predicates: Predicate[], mode: CombineMode): Predicate {
  const parts = mode === 'all' ? predicates.flatMap((one) => ('all' in one ? one.all : [one])) : predicates;
  const seen = new Set<string>();
  const own = parts.filter((part) => {
    const text = JSON.stringify(part);
    return !seen.has(text) && seen.add(text);
  });
  const [only] = own;
  if (own.length === 1 && only !== undefined) return only;
  return mode === 'all' ? { all: own } : { any: own };
}

export const samePredicate = (a: Predicate, b: Predicate) => JSON.stringify(a) === JSON.stringify(b);

/** How much more or less, in percent; null where there was nothing before. */
export function changeOf(before: number, after: number): number | null {
  return before === 0 ? null : Math.round(((after - before) / before) * 100);
}

/** The points of a line through numbers from 0 to the greatest, for an SVG of that size, a little within its edges. */
export function sparkline(values: number[], width: number, height: number, inset = 1.5): string {
  const most = Math.max(...values, 1);
  const step = values.length > 1 ? (width - 2 * inset) / (values.length - 1) : 0;
  const point = (value: number, at: number) =>
    `${round(inset + at * step)},${round(height - inset - (value / most) * (height - 2 * inset))}`;
  return values.map(point).join(' ');
}

const round = (n: number) => Math.round(n * 10) / 10;
