import { Button, Center, Code, Group, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useEffect, useState, type FormEvent } from 'react';
import { ApiError } from '../api/client';
import { signIn, tokenIn } from '../api/session';
import { texts } from '../texts';
import { Mark } from '../ui/icons';
import { Card } from '../ui/Page';

export function SignIn({ refused }: { refused: string | null }) {
  const [token, setToken] = useState('');
  const [error, setError] = useState(refused);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = texts.signIn.title;
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() === '') return setError(texts.signIn.empty);
    setBusy(true);
    try {
      await signIn(tokenIn(token));
    } catch (failure) {
      setError(failure instanceof ApiError && failure.status !== 401 ? failure.message : texts.signIn.bad);
      setBusy(false);
    }
  };

  return (
    <Center component="main" mih="100dvh" p="md">
      <Stack w="100%" maw={440}>
        <Card>
          <form onSubmit={(event) => void submit(event)} noValidate>
            <Stack gap="lg">
              <Group gap="sm" c="pine" wrap="nowrap">
                <Mark size={32} />
                <Title order={1} size="h3" c="var(--mantine-color-text)">{texts.signIn.title}</Title>
              </Group>
              <Stack gap="xs">
                <Text>{texts.signIn.how}</Text>
                <Code block>{texts.signIn.example(window.location.origin)}</Code>
                <Text size="sm" c="dimmed">{texts.signIn.where}</Text>
              </Stack>
              <PasswordInput
                label={texts.signIn.field} value={token} error={error} autoComplete="off" data-testid="sign-in-token" autoFocus
                onChange={(event) => {
                  setToken(event.currentTarget.value);
                  setError(null);
                }}
              />
              <Button type="submit" loading={busy}>{texts.signIn.submit}</Button>
            </Stack>
          </form>
        </Card>
      </Stack>
    </Center>
  );
}
