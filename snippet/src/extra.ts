// Properties that the site adds to all further events, for one person.

import type { Properties } from "./page";
import { allowed } from "./privacy";
import { getJson, isObject, setLocal } from "./storage";

/** Set while nothing may be stored; a consent may follow within the page. */
let unstored: Properties = {};

export function eventProperties(): Properties {
  const stored = getJson("extra");
  return { ...(isObject(stored) && stored), ...unstored };
}

export function addEventProperties(properties: unknown): void {
  if (isObject(properties)) keep({ ...eventProperties(), ...properties });
}

export function removeEventProperty(name: string): void {
  const { [name]: _, ...rest } = eventProperties();
  keep(rest);
}

export function forgetEventProperties(): void {
  keep({});
}

function keep(properties: Properties): void {
  const mayStore = allowed();
  unstored = mayStore ? {} : properties;
  if (mayStore) setLocal("extra", JSON.stringify(properties));
}

/** After a consent. */
export function storeEventProperties(): void {
  keep(eventProperties());
}
