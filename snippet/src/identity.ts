// Who this device belongs to, as all tabs and subdomains of the site see it.

import { fingerprint, newUserId } from "./ids";
import { getShared, setShared } from "./storage";

/** In the order in which the fields are kept. */
export interface Device {
  userId: string;
  /** Fingerprint of the handle last identified; empty while anonymous. */
  handlePrint: string;
  /** "1" once the first touch of `userId` has been sent. */
  touched: string;
  sessionId: string;
  /** Device times of the session's start and latest event. */
  startMs: number;
  lastMs: number;
}

/** Read anew for each message: another tab may have logged out. */
export function readDevice(): Device {
  const [userId = "", handlePrint = "", touched = "", sessionId = "", startMs = "", lastMs = ""] = (getShared("device") || "").split(".");
  if (!/^\d{15,19}$/.test(userId)) return blank();
  return { userId, handlePrint, touched, sessionId, startMs: +startMs || 0, lastMs: +lastMs || 0 };
}

export function writeDevice(d: Device): void {
  setShared("device", Object.values(d).join("."));
}

/** A new person: new user id, no session yet. */
export function newPerson(): Device {
  const device = blank();
  writeDevice(device);
  return device;
}

/** Gives the device to `handle`; nothing if it is there already. Two handles never share a user id. */
export function claim(handle: string, onSecondPerson: () => void): Device | undefined {
  const print = fingerprint(handle);
  let device = readDevice();
  if (device.handlePrint === print) return undefined;
  if (device.handlePrint) {
    onSecondPerson();
    device = newPerson();
  }
  device.handlePrint = print;
  writeDevice(device);
  return device;
}

function blank(): Device {
  return { userId: newUserId(), handlePrint: "", touched: "", sessionId: "", startMs: 0, lastMs: 0 };
}
