import { describe, expect, it } from 'vitest';
import type { CairnEvent, Predicate } from '../api/types';
import { commonKind, newRow, parseValue, predicateLike, readPredicate, toConditions, toPredicate, type Row } from './predicate';

const row = (kind: Row['kind'], rest: Partial<Row>): Row => ({ ...newRow(kind), ...rest });

describe('toPredicate', () => {
  it('leaves incomplete rows out', () => {
    const rows = [newRow('type', 'click'), newRow('selector'), newRow('property', 'x'), row('property', { name: 'path' })];
    expect(toPredicate({ mode: 'all', rows })).toEqual({ all: [{ type: 'click' }] });
    expect(toPredicate({ mode: 'any', rows: [newRow('selector', '  ')] })).toBeNull();
  });

  it('types values as chosen, and only where the operator compares values', () => {
    const rows = [
      row('property', { name: 'items', op: '>', value: '3', valueKind: 'number' }),
      row('property', { name: 'bot', op: 'is', value: 'true', valueKind: 'boolean' }),
      row('property', { name: 'path', op: 'contains', value: '3', valueKind: 'number' }),
      row('property', { name: 'items', op: 'in', value: '1, 2', valueKind: 'number' }),
      row('property', { name: 'plan', op: 'is_set', value: 'left over' }),
      row('property', { name: 'items', op: 'is', value: 'three', valueKind: 'number' }),
    ];
    expect(toPredicate({ mode: 'any', rows })).toEqual({
      any: [
        { property: 'items', '>': 3 },
        { property: 'bot', is: true },
        { property: 'path', contains: '3' },
        { property: 'items', in: [1, 2] },
        { property: 'plan', is_set: true },
      ],
    });
  });

  it('keeps the spaces of a text that is compared', () => {
    expect(toPredicate({ mode: 'all', rows: [row('property', { name: 'title', value: ' a ' })] })).toEqual({
      all: [{ property: 'title', is: ' a ' }],
    });
  });
});

describe('toConditions', () => {
  it.each<Predicate>([
    { all: [{ type: 'click' }, { selector: 'a.btn' }, { property: 'path', starts_with: '/a' }] },
    { any: [{ name: 'Order Placed' }, { property: 'n', '<=': 2.5 }, { user: 'plan', is_not_set: true }] },
    { all: [{ property: 'n', in: [1, 2] }, { property: 'ok', is: false }] },
  ])('gives rows that mean the same: %j', (predicate) => {
    const conditions = toConditions(predicate);
    expect(conditions && toPredicate(conditions)).toEqual(predicate);
  });

  it('takes a lone condition as one row', () => {
    expect(toConditions({ type: 'click' })?.rows).toHaveLength(1);
  });

  it.each<Predicate>([
    { not: { type: 'click' } },
    { all: [{ any: [{ type: 'click' }] }] },
    { all: [{ property: 'a', is: ['x'] }] },
    { all: [{ property: 'a', in: ['x, y', 'z'] }] },
    { all: [{ property: 'a', in: ['x', 1] }] },
    { all: [{ property: 'a', is: 'x', contains: 'y' }] },
  ])('refuses what rows cannot say: %j', (predicate) => {
    expect(toConditions(predicate)).toBeNull();
  });
});

describe('values', () => {
  it('parses by kind', () => {
    expect(parseValue('1e3', 'number')).toBe(1000);
    expect(parseValue(' ', 'number')).toBeNull();
    expect(parseValue('yes', 'boolean')).toBeNull();
    expect(parseValue('7', 'text')).toBe('7');
  });

  it('finds the kind that all share', () => {
    expect(commonKind([1, 2, null])).toBe('number');
    expect(commonKind([1, 'a'])).toBeNull();
    expect(commonKind([])).toBeNull();
  });

  it('reads only objects as predicates', () => {
    expect(readPredicate('{"type":"click"}')).toEqual({ type: 'click' });
    expect(readPredicate('[1]')).toBeNull();
    expect(readPredicate('{')).toBeNull();
    expect(readPredicate(undefined)).toBeNull();
  });
});

describe('predicateLike', () => {
  const event = (type: string, properties: CairnEvent['properties'], name?: string): CairnEvent => ({
    user_id: '1', person: null, event_id: '2', time: 0, received_at: 0, type, properties, definitions: [],
    ...(name === undefined ? {} : { name }),
  });

  it('describes a click by element, text and page', () => {
    const click = event('click', { chain: 'html>button#buy.btn', target_text: 'Buy', path: '/cart' });
    expect(predicateLike(click)).toEqual({
      all: [{ type: 'click' }, { selector: '#buy' }, { property: 'target_text', is: 'Buy' }, { property: 'path', is: '/cart' }],
    });
  });

  it('describes a custom event by its name alone', () => {
    expect(predicateLike(event('custom', { path: '/' }, 'Order Placed'))).toEqual({
      all: [{ type: 'custom' }, { name: 'Order Placed' }],
    });
  });

  it('leaves out a text too long to be a label', () => {
    expect(predicateLike(event('click', { target_text: 'x'.repeat(81) }))).toEqual({ all: [{ type: 'click' }] });
  });
});
