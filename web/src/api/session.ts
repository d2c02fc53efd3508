/** Whether someone is signed in: one value for the whole app, since any answer can end it. */
import { useSyncExternalStore } from 'react';
import { ApiError, call, SESSION, whenSignedOut } from './client';
import { queryClient } from './queries';

export type SessionState = 'checking' | 'in' | 'out' | 'unreachable';

let state: SessionState = 'checking';
const listeners = new Set<() => void>();

function set(next: SessionState) {
  if (state === next) return;
  state = next;
  if (next === 'out') queryClient.clear();
  for (const listener of listeners) listener();
}

export const signedOut = () => set('out');
whenSignedOut(signedOut);

export function useSessionState(): SessionState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => state,
  );
}

/** A connection that broke is tried again before anybody is told. */
const AGAIN_MS = [300, 1_000];

export async function checkSession() {
  set('checking');
  for (const wait of [...AGAIN_MS, null]) {
    try {
      await call('GET', SESSION);
      return set('in');
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return set('out');
      if (wait === null) return set('unreachable');
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

export async function signIn(token: string) {
  await call('POST', SESSION, { body: { token } });
  set('in');
}

export async function signOut() {
  await call('DELETE', SESSION);
  set('out');
}

/** Takes the token out of the address bar, so that it stays in no history, bookmark or screenshot. */
export function takeToken(): string | null {
  const url = new URL(window.location.href);
  const token = url.searchParams.get('token');
  if (token === null) return null;
  url.searchParams.delete('token');
  window.history.replaceState(window.history.state, '', url.pathname + url.search + url.hash);
  return token;
}

/** People paste the token or the whole URL. */
export function tokenIn(pasted: string): string {
  const text = pasted.trim();
  return (URL.canParse(text) ? new URL(text).searchParams.get('token') : null) ?? text;
}
