// What the site's script tag says. Read while the script runs: `currentScript` is gone afterwards.

declare const __VERSION__: string;

export const tag = (document.currentScript || document.querySelector("script[data-key]")) as HTMLScriptElement | null;
export const data: DOMStringMap = tag ? tag.dataset : {};

export const VERSION = __VERSION__;

/** The project's write key; empty where the tag has none. */
export const key = data.key || "";

/** Where events go, without a slash at the end. */
export const host = (data.host || (tag && tag.src ? new URL(tag.src).origin : "")).replace(/\/+$/, "");

/** The site routes by the fragment (`#/cart`): it is then part of the path. */
export const hashRouting = "hash" in data;

/** Elements whose text is not captured: those marked as such, and those that the tag names by selectors. */
export let masked = "[data-cairn-mask]";
if (data.mask) {
  try {
    document.querySelector(data.mask);
    masked += "," + data.mask;
  } catch {
    // What is no selector names nothing, and text that was to be masked must not get out.
    masked = "*";
  }
}
