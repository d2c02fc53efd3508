// The overlay: loaded by the snippet into a page that was opened from the app.

import { ApiError, closeSession, definitions, forgetSession, openSession } from "./api";
import { host } from "../../snippet/src/config";
import { start } from "./overlay";
import { texts } from "./texts";
import { h } from "./ui/dom";
import { mount } from "./ui/mount";

const page = window as unknown as { cairnVisualizer?: true };

async function open(): Promise<void> {
  // Frames of the site have the tab's storage, too.
  if (page.cairnVisualizer || window.top !== window) return;
  page.cairnVisualizer = true;
  try {
    await openSession();
    start(await definitions());
  } catch (error) {
    explain(error);
  }
}

/** Says why there is no visualizer, in its place. */
function explain(error: unknown): void {
  const { root, stop } = mount();
  const code = error instanceof ApiError ? error.code : "";
  const over = code === "visualizer";
  if (over || code === "origin") forgetSession();
  const [title, text] =
    code === "network" ? [texts.unreachable, texts.unreachableText(new URL(host).origin)]
    : over ? [texts.ended, texts.endedText]
    : code === "origin" ? [texts.ended, texts.otherSite]
    : [texts.failed, String((error as Error).message)];
  const leave = (): void => {
    closeSession();
    stop();
  };
  const button = h("button", { type: "button", class: "plain", onclick: leave }, texts.close);
  root.append(h("section", { class: "panel", role: "alertdialog", "aria-label": title, "data-testid": "problem" }, h("h2", {}, title), h("p", { class: "dim" }, text), h("div", {}, button)));
  button.focus();
}

void open();
