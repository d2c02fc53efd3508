/** What a page shows instead of its content, always with what to do next. */
import { Alert, Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { texts } from '../texts';
import { Icon } from './icons';
import { LinkButton } from './links';
import classes from './ui.module.css';

export function ErrorState({ error, onRetry, title = texts.error.title }: { error: Error; onRetry?: () => void; title?: string }) {
  return (
    <Alert color="red" variant="light" title={title} icon={<Icon name="warning" />} role="alert">
      <Stack align="flex-start" gap="sm">
        <Text size="sm" className={classes.wrap}>{error.message}</Text>
        {onRetry && <Button size="xs" variant="default" onClick={onRetry}>{texts.retry}</Button>}
      </Stack>
    </Alert>
  );
}

export function EmptyState({ title, text, children }: { title: string; text?: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Title order={2} size="h4">{title}</Title>
      {text !== undefined && <Text c="dimmed" maw={520}>{text}</Text>}
      {children}
    </div>
  );
}

/** Stands where rows will be, at their height, so that nothing jumps. */
export function LoadingRows({ rows = 6, height = 20 }: { rows?: number; height?: number }) {
  return (
    <Stack gap="md" p="md" role="status" aria-label={texts.loading}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} width={`${92 - ((i * 17) % 40)}%`} />
      ))}
    </Stack>
  );
}

export function NotFound() {
  return (
    <EmptyState title={texts.error.notFound}>
      <LinkButton to="/live">{texts.error.toLive}</LinkButton>
    </EmptyState>
  );
}

export function Crash() {
  return (
    <EmptyState title={texts.error.title} text={texts.error.crash}>
      <Button onClick={() => window.location.reload()}>{texts.error.reload}</Button>
    </EmptyState>
  );
}
