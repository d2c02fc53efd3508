import { Text } from '@mantine/core';
import type { Explained } from '../api/answers';
import { duration, number } from '../model/format';
import { texts } from '../texts';
import classes from './reports.module.css';

interface ExplainProps {
  answer: Explained;
  filling?: boolean;
  /** Takes the place of the answer's own. */
  sentence?: string;
}

/** What was counted, of how much, in what time. */
export function Explain({ answer: { explain }, filling = false, sentence = explain.sentence }: ExplainProps) {
  return (
    <Text size="sm" c="dimmed" className={classes.explain}>
      {sentence}
      <br />
      {texts.reports.explain(number(explain.rows), duration(explain.total_ms))}
      {filling && ` · ${texts.reports.filling}`}
    </Text>
  );
}
