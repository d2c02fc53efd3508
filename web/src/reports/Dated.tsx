import classes from './reports.module.css';

/** A sentence whose dates stay on one line: browsers break at their hyphens. */
export function Dated({ text }: { text: string }) {
  const parts = text.split(/(\d{4}-\d{2}-\d{2})/);
  // One element, so that a flex box does not take the sentence apart.
  return <span>{parts.map((part, at) => (at % 2 === 0 ? part : <span key={at} className={classes.dated}>{part}</span>))}</span>;
}
