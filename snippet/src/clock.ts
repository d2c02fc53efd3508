// Two clocks. Events carry the device's, which never goes back within a page; the wire carries it corrected by the
// server's, so that events made before the server answered are corrected too.

import { getLocal, setLocal } from "./storage";

const TOLERANCE_MS = 1000;
/** The server shifts a batch whose `sent_at` is further off than this. */
const SERVER_SHIFTS_MS = 300_000;

let last = 0;
let offset: number | undefined;
/** The newest device time on the wire, and what it was on the wire if later times must not fall below that. */
let newestSent = 0;
let floor = 0;

/** The device's clock, in ms. */
export function tick(): number {
  return (last = Math.max(last, Date.now()));
}

/** What to add to the device's clock to have the server's. */
function correction(): number {
  return (offset ??= Number(getLocal("offset")) || 0);
}

/** A device time as the server would have it. */
export function corrected(deviceMs: number): number {
  const ms = deviceMs + correction();
  return deviceMs >= newestSent ? Math.max(ms, floor) : ms;
}

/** The present, for `sent_at`. */
export function correctedNow(): number {
  return Date.now() + correction();
}

export function noteSent(deviceMs: number): void {
  newestSent = Math.max(newestSent, deviceMs);
}

/** Takes the server's clock from an answer. Half of the round trip is what it can be wrong by. */
export function learn(serverMs: unknown, sentMs: number): void {
  if (typeof serverMs !== "number") return;
  const halfTrip = (Date.now() - sentMs) / 2;
  const measured = Math.round(serverMs - sentMs - halfTrip);
  const change = measured - correction();
  if (halfTrip < 0 || Math.abs(change) <= TOLERANCE_MS + halfTrip) return;
  // What was sent with a slightly fast clock stands as it was: what follows must not come before it.
  floor = Math.abs(change) > SERVER_SHIFTS_MS ? 0 : newestSent + correction();
  offset = Math.abs(measured) > TOLERANCE_MS ? measured : 0;
  setLocal("offset", offset ? String(offset) : undefined);
}
