import type { Predicate } from '../api/types';
import { toConditions, type Row } from '../model/predicate';
import { texts } from '../texts';
import { typeName } from '../ui/TypeIcon';

const t = texts.define;

/** A predicate in one line. */
export function summary(predicate: Predicate): string {
  const conditions = toConditions(predicate);
  if (conditions === null) return t.complex;
  return conditions.rows.map(sentence).join(` ${conditions.mode === 'all' ? t.and : t.or} `);
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
