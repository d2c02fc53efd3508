// Starts the browser that the tests run in.
// The environment variable CHROMIUM names another one than /usr/bin/chromium.
import { existsSync } from "node:fs";

const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";

const args = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a headless browser with a fresh profile. */
export async function launchChromium() {
  if (!existsSync(executablePath)) {
    fail(`there is no Chromium at ${executablePath}; \`make deps\` installs it, or set CHROMIUM to its path`);
  }
  let playwright;
  try {
    playwright = await import("playwright-core");
  } catch {
    fail("playwright-core is not installed; `make deps` installs it (npm ci in tests/browser)");
  }
  return playwright.chromium.launch({ executablePath, args, headless: true });
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
