import type { LifecycleAnswer, ReportAnswer, ReportQuery } from '../../api/answers';
import { lifecycleTable, retentionTable, stickinessTable, type RetentionSearch } from '../../model/retention';
import type { Table } from '../../model/table';

export function retentionTables(search: RetentionSearch, _query: ReportQuery, answer: ReportAnswer): Table[] {
  if ('retention' in answer) return [retentionTable(search, answer)];
  if ('stickiness' in answer) return [stickinessTable(search, answer)];
  return [lifecycleTable(search, answer as LifecycleAnswer)];
}
