import { Center, Loader } from '@mantine/core';
import { RouterProvider } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { ApiError } from '../api/client';
import { checkSession, signIn, useSessionState } from '../api/session';
import { router } from '../router';
import { texts } from '../texts';
import { ErrorState } from '../ui/States';
import { SignIn } from './SignIn';

let started = false;

/** The app for who is signed in, the sign-in page for everyone else. The address stays, so one comes back to it. */
export function Gate({ token }: { token: string | null }) {
  const session = useSessionState();
  const [refused, setRefused] = useState<string | null>(null);
  useEffect(() => {
    // A token is exchanged once, also where effects run twice.
    if (started) return;
    started = true;
    if (token === null) void checkSession();
    else signIn(token).catch((error: unknown) => {
      setRefused(error instanceof ApiError && error.status !== 401 ? error.message : texts.signIn.bad);
      void checkSession();
    });
  }, [token]);

  if (session === 'in') return <RouterProvider router={router} />;
  if (session === 'out') return <SignIn refused={refused} />;
  return (
    <Center mih="100dvh" p="md">
      {session === 'checking'
        ? <Loader aria-label={texts.loading} />
        : <ErrorState error={new Error(texts.error.network)} onRetry={() => void checkSession()} />}
    </Center>
  );
}
