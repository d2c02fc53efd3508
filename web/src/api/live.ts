/** The live feed's connection: stays open, comes back by itself, and fills the gap when it does. */
import { call, projectPath, SESSION, ApiError } from './client';
import { fetchLatest } from './queries';
import type { CairnEvent } from './types';

export type LiveState = 'connecting' | 'open' | 'reconnecting';

interface Handlers {
  onEvents(events: CairnEvent[]): void;
  onState(state: LiveState): void;
  onSkipped(count: number): void;
  onSignedOut(): void;
  /** Once, when the latest events could be read; before it the feed is not known to be empty. */
  onReady(): void;
}

/** Events are handed on in batches of this time, however fast they come. */
const BATCH_MS = 250;
const RETRY_MS = [1_000, 2_000, 5_000, 10_000];
const LATEST = 50;

/** Opens the feed; the function that it returns closes it. */
export function openLive(project: string, handlers: Handlers): () => void {
  let source: EventSource | null = null;
  let batch: CairnEvent[] = [];
  let retries = 0;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const flush = setInterval(() => {
    if (batch.length === 0) return;
    handlers.onEvents(batch);
    batch = [];
  }, BATCH_MS);

  const readLatest = async () => {
    const { events } = await fetchLatest(project, LATEST);
    if (closed) return;
    handlers.onEvents(events);
    handlers.onReady();
  };

  const connect = () => {
    source = new EventSource(projectPath(project, 'live'));
    source.onopen = () => {
      retries = 0;
      handlers.onState('open');
      // After opening, so that no event falls between the two.
      readLatest().catch(again);
    };
    source.onmessage = (message: MessageEvent<string>) => {
      const event = read(message.data);
      if (event !== null) batch.push(event);
    };
    source.addEventListener('skipped', (message: MessageEvent<string>) => {
      const count = Number(message.data);
      if (count > 0) handlers.onSkipped(count);
    });
    source.onerror = again;
  };

  const again = () => {
    source?.close();
    if (closed) return;
    handlers.onState('reconnecting');
    clearTimeout(retry);
    retry = setTimeout(() => void check(), RETRY_MS[Math.min(retries++, RETRY_MS.length - 1)]);
  };

  /** An EventSource does not tell its status, so the session is asked for first. */
  const check = async () => {
    try {
      await call('GET', SESSION);
    } catch (error) {
      if (closed) return;
      if (error instanceof ApiError && error.status === 401) handlers.onSignedOut();
      else again();
      return;
    }
    if (!closed) connect();
  };

  handlers.onState('connecting');
  connect();
  return () => {
    closed = true;
    clearInterval(flush);
    clearTimeout(retry);
    source?.close();
  };
}

function read(data: string): CairnEvent | null {
  try {
    return JSON.parse(data) as CairnEvent;
  } catch {
    return null;
  }
}
