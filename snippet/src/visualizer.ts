// The visualizer: opened from the app by a ticket in the fragment, which stays in this tab until it is left.

import { host, tag } from "./config";
import { guard } from "./guard";

/** In the fragment the ticket, in sessionStorage what the overlay makes of it. */
const NAME = "cairn-visualizer";

export function visualizing(): boolean {
  try {
    return NAME in sessionStorage;
  } catch {
    return false; // sandboxed frames have no storage
  }
}

/** Takes the ticket out of the address before anything looks at that, and loads the overlay. */
export const startVisualizer = guard(() => {
  const [found, ticket] = location.hash.match(NAME + "=(\\w+)") || [];
  if (ticket) {
    sessionStorage[NAME] = ticket;
    history.replaceState(history.state, "", location.href.replace(RegExp("[#&]?" + found), ""));
  }
  if (!visualizing()) return;
  // What the site's tag says is the overlay's, too.
  (window as unknown as { cairn: { tag: unknown } }).cairn.tag = tag;
  // An import rather than an element: trusted types guard addresses of those, and what imports carries its nonce over.
  import(host + "/visualizer.js").catch(() => {});
});
