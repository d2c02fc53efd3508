import { useSyncExternalStore } from 'react';
import { exactTime, relativeTime } from '../model/time';
import { useProject } from '../shell/project';

/** One clock for all times on the page. */
const TICK_MS = 5_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function When({ time }: { time: number }) {
  const zone = useProject().zone;
  const ticked = useSyncExternalStore(listen, () => now);
  const exact = exactTime(time, zone);
  return (
    <time dateTime={new Date(time).toISOString()} title={exact} style={{ whiteSpace: 'nowrap' }}>
      {relativeTime(time, Math.max(ticked, Math.min(time, Date.now())), zone)}
    </time>
  );
}
