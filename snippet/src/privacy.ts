// Whether this visitor may be recorded, and what must never be.

import { getShared, localNames, setLocal, setShared } from "./storage";
import { visualizing } from "./visualizer";

/** An explicit choice stands over the browser's signal. Who looks at the site through the visualizer is no visitor. */
export function allowed(): boolean {
  if (visualizing()) return false;
  const choice = getShared("choice");
  if (choice) return choice === "in";
  const { globalPrivacyControl, doNotTrack } = navigator as Navigator & { globalPrivacyControl?: boolean };
  return !globalPrivacyControl && doNotTrack !== "1" && doNotTrack !== "yes";
}

export function choose(choice: "in" | "out"): void {
  setShared("choice", choice);
}

/** Deletes everything about the visitor but the choice itself. */
export function forgetVisitor(): void {
  for (const name of localNames()) if (name !== "choice") setLocal(name, undefined);
  setShared("device", undefined);
}

const SECRET_NAME =
  /pass(w|c|p|_|-|$)|pwd|token|secret|e-?mail|session|auth(?!or)|jwt|credential|signature|card|ssn|(key|code|otp|pin|sid|sig|cvv|cvc)$/i;

/** A URL or query string with the values of parameters that are named like secrets, or look like card numbers, left empty. */
export function withoutSecrets(url: string): string {
  return url.replace(/([^?&=#;/]+)=([^&#;]+)/g, (pair, name: string, value: string) =>
    SECRET_NAME.test(name) || looksSecret(value.replace(/%20|\+/g, " ")) ? `${name}=` : pair,
  );
}

/** Payment card numbers (grouped, or bare with a right check digit) and US social security numbers. */
export function looksSecret(text: string): boolean {
  if (/(^|\D)\d{3}[- ]\d{2}[- ]\d{4}(\D|$)|^\s*\d{9}\s*$/.test(text)) return true;
  const runs = text.match(/\d(?:[ -]?\d){12,}/g) || [];
  return runs.some((run) => /\D/.test(run) || (run.length < 20 && passesLuhn(run)));
}

function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const doubled = +digits[digits.length - 1 - i]! * (1 + (i % 2));
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
