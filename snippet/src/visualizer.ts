// The visualizer: opened from the app by a ticket in the fragment, which stays in this tab until it is left.

import { data, host } from "./config";
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
  const script = document.createElement("script");
  Object.assign(script.dataset, data);
  script.src = host + "/visualizer.js";
  document.head.append(script);
});
