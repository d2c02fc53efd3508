// Makes messages: every event with its page, session and person, in the order in which things happened.

import { tick } from "./clock";
import { newEventId } from "./ids";
import { claim, newPerson, readDevice, writeDevice, type Device } from "./identity";
import { eventProperties, forgetEventProperties } from "./extra";
import { pageFacts, settleView, UTM, type Properties } from "./page";
import { allowed } from "./privacy";
import { add } from "./queue";
import { touchSession } from "./session";
import { getJson, isObject, setLocal } from "./storage";
import { schedule } from "./transport";

export type EventType = "session" | "pageview" | "click" | "change" | "submit" | "custom";

/** An event of now; a view that waits for its title comes before it. */
export function recordNow(type: EventType, own: Properties, name?: string): void {
  settleView();
  recordEvent(type, own, tick(), pageFacts(), name);
}

export function recordEvent(type: EventType, own: Properties, deviceMs: number, facts: Properties, name?: string): void {
  if (!allowed()) return;
  const device = readDevice();
  const { started, changed } = touchSession(device, deviceMs);
  const firstTouch = !device.touched;
  device.touched = "1";
  if (changed || firstTouch) writeDevice(device);
  campaign(device, facts);
  const event = (type: EventType, own: Properties, name?: string) =>
    add(deviceMs, {
      type,
      name,
      user_id: device.userId,
      event_id: newEventId(deviceMs),
      properties: { ...facts, ...eventProperties(), ...own, session_id: device.sessionId },
    });
  if (firstTouch) add(deviceMs, { type: "user_properties", user_id: device.userId, set_once: initial(facts) });
  if (started) event("session", {});
  event(type, own, name);
  schedule();
}

/** A message about the person rather than something that happened. */
function recordUser(device: Device, message: object): void {
  add(tick(), { user_id: device.userId, ...message });
  schedule();
}

export function setUserProperties(kind: "set" | "set_once", properties: unknown): void {
  if (!allowed() || !isObject(properties)) return;
  const device = readDevice();
  writeDevice(device);
  recordUser(device, { type: "user_properties", [kind]: properties });
}

export function identify(handle: unknown, properties?: unknown): void {
  if (!allowed() || handle == null || handle === "") return;
  const device = claim(String(handle), forgetEventProperties);
  if (device) recordUser(device, { type: "identify", handle: String(handle) });
  setUserProperties("set", properties);
}

export function resetIdentity(): void {
  if (!allowed()) return;
  forgetEventProperties();
  newPerson();
}

/** A campaign holds for the rest of its session. */
function campaign(device: Device, facts: Properties): void {
  const tags: Properties = {};
  for (const name of UTM) if (facts[`utm_${name}`]) tags[`utm_${name}`] = facts[`utm_${name}`];
  if (Object.keys(tags).length) return setLocal("campaign", JSON.stringify([device.sessionId, tags]));
  const kept = getJson("campaign") as [string, Properties] | undefined;
  if (kept && kept[0] === device.sessionId) Object.assign(facts, kept[1]);
}

function initial(facts: Properties): Properties {
  const { referrer } = document;
  const once: Properties = { initial_landing_page: facts.path };
  if (referrer && new URL(referrer).hostname !== location.hostname) once.initial_referrer = facts.referrer;
  for (const name of UTM) once[`initial_utm_${name}`] = facts[`utm_${name}`];
  return once;
}
