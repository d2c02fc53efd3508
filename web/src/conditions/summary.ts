import { OPS, type Predicate, type PropertyValue } from '../api/types';
import { valueText } from '../model/format';
import { takesValue, toConditions, type Row } from '../model/predicate';
import { texts } from '../texts';
import { typeName } from '../ui/TypeIcon';

const t = texts.define;

/** A predicate in one line, however deep it is. */
export function summary(predicate: Predicate): string {
  const conditions = toConditions(predicate);
  return conditions === null ? nested(predicate) : conditions.rows.map(sentence).join(` ${conditions.mode === 'all' ? t.and : t.or} `);
}

function sentence(row: Row): string {
  switch (row.kind) {
    case 'type':
      return typeName(row.value);
    case 'name':
      return `“${row.value}”`;
    case 'selector':
      return row.value;
    case 'property':
    case 'user':
      return [row.name, t.ops[row.op], row.value && (row.valueKind === 'text' ? `“${row.value}”` : row.value)].filter(Boolean).join(' ');
  }
}

/** What no list of rows can show: conditions within conditions, and values that a field could not hold. */
function nested(predicate: Predicate): string {
  if ('not' in predicate) return texts.explore.segment.not(summary(predicate.not));
  if ('all' in predicate) return joined(predicate.all, t.and);
  if ('any' in predicate) return joined(predicate.any, t.or);
  const p = predicate as Record<string, PropertyValue>;
  const op = OPS.find((one) => one in p);
  const name = valueText(p['property'] ?? p['user'] ?? '');
  if (op === undefined || name === '') return JSON.stringify(predicate);
  return [name, t.ops[op], takesValue(op) ? `“${valueText(p[op] ?? null)}”` : ''].filter(Boolean).join(' ');
}

function joined(parts: Predicate[], word: string): string {
  const several = (part: Predicate) => ('all' in part && part.all.length > 1) || ('any' in part && part.any.length > 1);
  return parts.map((part) => (several(part) ? `(${summary(part)})` : summary(part))).join(` ${word} `);
}
