import classes from './reports.module.css';

/** A sentence whose dates stay on one line: browsers break at their hyphens. */
export function Dated({ text }: { text: string }) {
  return text.split(/(\d{4}-\d{2}-\d{2})/).map((part, at) => (at % 2 === 0 ? part : <span key={at} className={classes.dated}>{part}</span>));
}
