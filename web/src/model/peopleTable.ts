/** People as a table, for files. */
import type { Person } from '../api/people';
import { texts } from '../texts';
import { valueText } from './format';
import type { Table } from './table';

const t = texts.explore.segments;

export function peopleTable(people: Person[]): Table {
  const names = [...new Set(people.flatMap((person) => Object.keys(person.properties)))].sort();
  const text = (value: Person['properties'][string] | undefined) =>
    (value === undefined || value === null ? null : typeof value === 'number' ? value : valueText(value));
  return {
    caption: t.inIt,
    corner: 'handle',
    columns: ['user_ids', ...names].map((label) => ({ label })),
    rows: people.map((person) => ({
      id: person.user_ids[0] ?? '', label: person.handle ?? '',
      cells: [{ value: person.user_ids.join(' ') }, ...names.map((name) => ({ value: text(person.properties[name]) }))],
    })),
  };
}
