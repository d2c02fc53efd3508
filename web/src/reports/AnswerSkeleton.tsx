import { Skeleton, Stack } from '@mantine/core';
import { texts } from '../texts';
import { Card } from '../ui/Page';

/** As high as an answer, so that nothing jumps when it comes. */
export function AnswerSkeleton() {
  return (
    <Card>
      <Stack gap="md" role="status" aria-label={texts.loading}>
        <Skeleton height={44} width={160} />
        <Skeleton height={340} />
      </Stack>
    </Card>
  );
}
