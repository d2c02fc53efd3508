import { NativeSelect, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { DAYS, hasRange, type DashboardRange } from '../model/dashboard';
import { addDays, dateIn, isDate } from '../model/time';
import { useProject } from '../shell/project';
import { texts } from '../texts';
import classes from './saved.module.css';

const t = texts.saved.boards;
const [OWN, CUSTOM] = ['own', 'custom'];

interface RangeChoiceProps {
  range: DashboardRange;
  onChange: (range: DashboardRange) => void;
}

/** One range for all tiles, or each its own. */
export function RangeChoice({ range, onChange }: RangeChoiceProps) {
  const { zone } = useProject();
  const days = range.days !== undefined && !DAYS.some((n) => n === range.days) ? [...DAYS, range.days].sort((a, b) => a - b) : [...DAYS];
  const choose = (value: string) => {
    if (value === OWN) return onChange({});
    if (value !== CUSTOM) return onChange({ days: Number(value) });
    const today = dateIn(zone, Date.now());
    return onChange({ from: addDays(today, 1 - (range.days ?? 30)), to: today });
  };
  return (
    <div className={classes.range}>
      <NativeSelect
        aria-label={t.range} value={!hasRange(range) ? OWN : range.days === undefined ? CUSTOM : String(range.days)} data-testid="board-range"
        data={[
          { value: OWN ?? '', label: t.own }, ...days.map((n) => ({ value: String(n), label: t.lastDays(n) })), { value: CUSTOM ?? '', label: t.custom },
        ]}
        onChange={(event) => choose(event.currentTarget.value)}
      />
      {range.from !== undefined && range.to !== undefined && (
        <Dates key={`${range.from} ${range.to}`} from={range.from} to={range.to} onChange={onChange} />
      )}
    </div>
  );
}

/** Dates count once both are whole and in order; until then they stay in the fields. */
function Dates({ from, to, onChange }: { from: string; to: string; onChange: (range: DashboardRange) => void }) {
  const [first, setFirst] = useState(from);
  const [last, setLast] = useState(to);
  const wrong = isDate(first) && isDate(last) && first > last;
  const settle = () => {
    if (isDate(first) && isDate(last) && !wrong && (first !== from || last !== to)) onChange({ from: first, to: last });
  };
  const field = (label: string, value: string, set: (value: string) => void) => (
    <>
      <Text span size="sm">{label}</Text>
      <TextInput
        type="date" aria-label={label} value={value} max="9999-12-31" error={wrong} onChange={(event) => set(event.currentTarget.value)}
        onBlur={settle} onKeyDown={(event) => event.key === 'Enter' && settle()}
      />
    </>
  );
  return (
    <>
      {field(t.from, first, setFirst)}
      {field(t.through, last, setLast)}
      {wrong && <Text span size="sm" c="var(--mantine-color-error)" role="alert">{t.rangeWrong}</Text>}
    </>
  );
}
