/** Texts that reports share, and those of the funnel and of retention. */
const n = (value: number) => value.toLocaleString('en');
const count = (value: number, one: string, many: string) => `${n(value)} ${value === 1 ? one : many}`;

export const reports = {
  group: 'Reports',
  unnamedEvent: 'Events that match a condition',
  measureOf: (measure: string, property: string) => `${measure} of ${property === '' ? '…' : property}`,
  exportCsv: 'CSV',
  exportCsvLabel: 'Save the numbers as CSV',
  exportPng: 'PNG',
  exportPngLabel: 'Save the picture as PNG',
  pngFailed: 'The picture could not be made.',
  explain: (rows: string, time: string) => `${rows} events read in ${time}`,
  unknownTitle: 'There is no such definition',
  who: 'for everybody',
  whoLead: 'for users who meet',
  whoAdd: 'Only some users',
  whoDrop: 'Everybody',
  people: {
    found: (total: number) => count(total, 'user', 'users'),
    search: 'Search among them',
    searchPlaceholder: 'Handle or user id',
    empty: 'Nobody is behind this number.',
    noMatch: 'None of them is called that.',
    more: 'Show more',
    shown: (shown: number, total: number) => `${n(shown)} of ${n(total)} shown`,
    open: (what: string) => `Show the people: ${what}`,
  },
};
