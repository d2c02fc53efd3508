// A site of somebody else: static files with the snippet in its pages, under a content security policy.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { existsSync, readFileSync, statSync } from "node:fs";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".svg": "image/svg+xml",
  ".png": "image/png", ".gif": "image/gif", ".woff2": "font/woff2", ".ttf": "font/ttf", ".map": "application/json",
};

const STUB = readFileSync(new URL("../../shop/index.html", import.meta.url), "utf8").match(/<script>(window\.cairn=.*?)<\/script>/s)[1];

/** The tags that a customer pastes. */
export const snippet = (origin, key, attributes = "") =>
  `<script>${STUB}</script>\n<script async src="${origin}/cairn.js" data-key="${key}" ${attributes}></script>`;

/** What the snippet needs of a policy, and nothing else of another origin. */
export function policyFor(origin) {
  const stub = createHash("sha256").update(STUB).digest("base64");
  return `default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self' ${origin} 'sha256-${stub}'; connect-src ${origin}; base-uri 'none'; form-action 'self'`;
}

/**
 * Serves `folder`; `pages` are paths with HTML of their own. Each page gets the snippet, and `policy` where there is one.
 * A path without a file's ending is `index.html`'s, as single-page apps want it.
 */
export async function startSite({ folder, pages = {}, cairn, key, policy, attributes, rewrite = (html) => html }) {
  const tags = snippet(cairn, key, attributes);
  const withSnippet = (html) => {
    const whole = html.includes("{{CAIRN_ORIGIN}}") ? html.replaceAll("{{CAIRN_ORIGIN}}", cairn).replaceAll("{{WRITE_KEY}}", key) : html.replace(/<head[^>]*>/i, (head) => head + tags);
    return rewrite(whole);
  };
  const server = createServer((req, res) => {
    const path = decodeURIComponent(req.url.split("?")[0]);
    if (policy) res.setHeader("content-security-policy", policy);
    const send = (type, body) => res.setHeader("content-type", type).end(body);
    if (path in pages) return send(TYPES[".html"], withSnippet(pages[path]));
    const file = folder && join(folder, normalize(path.endsWith("/") ? path + "index.html" : path));
    const found = file && existsSync(file) && statSync(file).isFile() ? file : folder && !extname(path) ? join(folder, "index.html") : null;
    if (!found || !existsSync(found)) return res.writeHead(404).end();
    const ending = extname(found);
    send(TYPES[ending] ?? "application/octet-stream", ending === ".html" ? withSnippet(readFileSync(found, "utf8")) : readFileSync(found));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${server.address().port}`, stop: () => (server.closeAllConnections(), server.close()) };
}
