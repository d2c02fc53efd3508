import { texts } from '../texts';
import type { PeopleAsk } from './types';
import classes from './reports.module.css';

interface NumberButtonProps {
  /** Null where the number has no people. */
  ask: PeopleAsk | null;
  onPeople: ((ask: PeopleAsk) => void) | undefined;
  value: string;
  testid?: string;
}

/** A number that opens its people. */
export function NumberButton({ ask, onPeople, value, testid }: NumberButtonProps) {
  if (ask === null || onPeople === undefined) return <span data-testid={testid}>{value}</span>;
  return (
    <button type="button" className={classes.opens} data-testid={testid} aria-label={texts.reports.people.open(`${ask.title}, ${value}`)} onClick={() => onPeople(ask)}>
      {value}
    </button>
  );
}
