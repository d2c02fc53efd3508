// A session ends after 30 minutes without an event, and after 24 hours in any case.

import type { Device } from "./identity";
import { newEventId } from "./ids";

const IDLE_MS = 1_800_000;
const LONGEST_MS = 86_400_000;
/** How stale the stored time of the latest event may get, to spare a cookie write per event. */
const WRITE_EVERY_MS = 1000;

/** Counts an event at `nowMs` into the device's session, starting a new one where needed. */
export function touchSession(device: Device, nowMs: number): { started: boolean; changed: boolean } {
  const started =
    !device.sessionId || nowMs - device.lastMs > IDLE_MS || Math.abs(nowMs - device.startMs) > LONGEST_MS;
  if (started) {
    device.sessionId = newEventId(nowMs);
    device.startMs = nowMs;
  }
  const changed = started || nowMs - device.lastMs > WRITE_EVERY_MS;
  if (changed) device.lastMs = nowMs;
  return { started, changed };
}
