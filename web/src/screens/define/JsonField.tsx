import { Anchor, Stack, Text, Textarea } from '@mantine/core';
import { readPredicate } from '../../model/predicate';
import { texts } from '../../texts';
import classes from './define.module.css';

const t = texts.define;

/** For predicates that a list of rows cannot show. */
export function JsonField({ value, onChange, onStartOver }: { value: string; onChange: (value: string) => void; onStartOver: () => void }) {
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {t.json} <Anchor component="button" type="button" inherit onClick={onStartOver}>{t.startOver}</Anchor>
      </Text>
      <Textarea
        label={t.jsonLabel} value={value} autosize minRows={6} maxRows={24} spellCheck={false} data-testid="define-json"
        classNames={{ input: classes.mono ?? '' }} error={readPredicate(value) === null && t.jsonWrong}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    </Stack>
  );
}
