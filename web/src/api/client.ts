/** Calls to the API, with its errors and its one special case: a session that is over. */
import { texts } from '../texts';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface Options {
  body?: unknown;
  /** A body that is sent as it stands, of this `type`. */
  raw?: string;
  type?: string;
  signal?: AbortSignal;
}

let onSignedOut = () => {};

/** Called whenever an answer says that nobody is signed in. */
export function whenSignedOut(callback: () => void) {
  onSignedOut = callback;
}

export const SESSION = '/api/session';

export async function call<T>(method: Method, path: string, { body, raw, type, signal }: Options = {}): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (method !== 'GET') headers['X-Cairn'] = '1';
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (type !== undefined) headers['Content-Type'] = type;

  const init: RequestInit = { method, headers, credentials: 'same-origin' };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (raw !== undefined) init.body = raw;
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'network', texts.error.network);
  }
  if (response.status === 204) return undefined as T;
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;

  if (response.status === 401 && path !== SESSION) onSignedOut();
  const said = (answer as { error?: { code?: string; message?: string } } | null)?.error;
  throw new ApiError(response.status, said?.code ?? 'status', said?.message ?? texts.error.status(response.status));
}

export const projectPath = (project: string, rest: string) => `/api/projects/${encodeURIComponent(project)}/${rest}`;
