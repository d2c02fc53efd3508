/**
 * An event as one word of an address: a definition by its name, else what begins with `@`. `@*` any event, `@click` a type,
 * `@custom:Order Placed` a custom event, `@{…}` a predicate; a definition whose own name begins with `@` has it twice.
 */
import { EVENT_TYPES, type Predicate } from '../api/types';
import { summary } from '../conditions/summary';
import { texts } from '../texts';
import { readPredicate } from './predicate';

export type EventRef = string;

export const ANY_EVENT = '@*';
const CUSTOM = '@custom:';

export const definitionRef = (name: string): EventRef => (name.startsWith('@') ? `@${name}` : name);
export const typeRef = (type: string): EventRef => `@${type}`;
export const customRef = (name: string): EventRef => `${CUSTOM}${name}`;

/** The definition that a reference names, or null. */
export function definitionOf(ref: EventRef): string | null {
  if (!ref.startsWith('@')) return ref;
  return ref.startsWith('@@') ? ref.slice(1) : null;
}

export function isEventRef(ref: unknown): ref is EventRef {
  if (typeof ref !== 'string' || ref === '') return false;
  return definitionOf(ref) !== null || predicateOf(ref) !== null;
}

/** As the API is asked for it. */
export function eventOf(ref: EventRef): string | Predicate {
  return definitionOf(ref) ?? predicateOf(ref) ?? { all: [] };
}

function predicateOf(ref: EventRef): Predicate | null {
  if (ref === ANY_EVENT) return { all: [] };
  if (ref.startsWith('@{')) return readPredicate(ref.slice(1));
  if (ref.startsWith(CUSTOM)) return ref === CUSTOM ? null : { all: [{ type: 'custom' }, { name: ref.slice(CUSTOM.length) }] };
  const type = EVENT_TYPES.find((one) => `@${one}` === ref);
  return type === undefined ? null : { type };
}

/** In a person's words. */
export function eventLabel(ref: EventRef): string {
  const name = definitionOf(ref);
  if (name !== null) return name;
  if (ref === ANY_EVENT) return texts.graph.anyEvent;
  if (ref.startsWith(CUSTOM)) return ref.slice(CUSTOM.length);
  const predicate = predicateOf(ref);
  if (predicate !== null && ref.startsWith('@{')) return summary(predicate);
  return texts.type[ref.slice(1)] ?? ref;
}

/** The reference to an event of a query. */
export function refOf(event: string | Predicate): EventRef {
  if (typeof event === 'string') return definitionRef(event);
  const keys = Object.keys(event);
  if ('all' in event && event.all.length === 0) return ANY_EVENT;
  if ('type' in event && keys.length === 1 && isEventRef(typeRef(event.type))) return typeRef(event.type);
  if ('all' in event && event.all.length === 2) {
    const [type, name] = event.all;
    if (type && 'type' in type && type.type === 'custom' && name && 'name' in name) return customRef(name.name);
  }
  return `@${JSON.stringify(event)}`;
}
