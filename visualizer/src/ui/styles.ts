// The overlay's look. A constructed style sheet in the shadow root: no site's policy needs to allow it, no site's styles reach in.

export const STYLES = `
:host { all: initial !important; position: fixed !important; inset: 0 !important; z-index: 2147483647 !important; display: block !important;
  pointer-events: none !important; font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif !important;
  --card: #fff; --field: #fff; --text: #1c2226; --dim: #5c6670; --line: #dfe3e5; --soft: #f1f4f3; --pine: #0f5b4b; --on-pine: #fff; --pale: #e3f3ee;
  --bad: #c92a2a; --warn: #8a5a00; --shadow: 0 12px 40px rgb(0 0 0 / .28), 0 0 0 1px rgb(0 0 0 / .06); color-scheme: light !important; }
@media (prefers-color-scheme: dark) { :host { --card: #1c2124; --field: #262c30; --text: #e6eaec; --dim: #a3abb3; --line: #39424a; --soft: #2a3136; --pine: #5fbda6;
  --on-pine: #0f1213; --pale: #21413a; --bad: #ff8787; --warn: #ffd08a; --shadow: 0 12px 40px rgb(0 0 0 / .6), 0 0 0 1px rgb(255 255 255 / .14); color-scheme: dark !important; } }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, textarea, select { font: inherit; color: inherit; margin: 0; }
button { background: none; border: 0; padding: 0; cursor: pointer; text-align: start; }
:focus-visible { outline: 2px solid var(--pine); outline-offset: 2px; }
.icon { fill: none; stroke: currentColor; stroke-width: 1.9; stroke-linecap: round; stroke-linejoin: round; flex: none; }
.dim { color: var(--dim); } .small { font-size: 12.5px; } .num { font-variant-numeric: tabular-nums; } .bad { color: var(--bad); }
p { margin: 0; }

.box { position: absolute; left: 0; top: 0; pointer-events: none; border-radius: 4px; border: 2px dashed #0b8a6c; box-shadow: 0 0 0 1.5px rgb(255 255 255 / .85); }
.box.main { border: 2px solid #0b8a6c; background: rgb(11 138 108 / .14); box-shadow: 0 0 0 2px rgb(255 255 255 / .95), 0 0 0 3.5px rgb(0 0 0 / .25); }
.tip { position: absolute; left: 0; top: 0; max-width: min(420px, calc(100vw - 16px)); padding: 5px 9px; border-radius: 6px; background: #10201c; color: #fff; font-size: 12.5px; box-shadow: 0 2px 10px rgb(0 0 0 / .35), 0 0 0 1px rgb(255 255 255 / .25);
  display: flex; gap: 8px; align-items: baseline; white-space: nowrap; pointer-events: none; }
.tip b { font-weight: 600; flex: none; } .tip code { min-width: 0; overflow: hidden; text-overflow: ellipsis; font: 12px/1.4 ui-monospace, Menlo, Consolas, monospace; color: #a8e0d0; }
.badge { position: absolute; left: 0; top: 0; max-width: 200px; padding: 1px 8px; border-radius: 9px; background: #0f5b4b; color: #fff; font-size: 11.5px; font-weight: 600; line-height: 17px;
  white-space: nowrap; overflow: hidden; text-overflow: ellipsis; pointer-events: none; box-shadow: 0 1px 4px rgb(0 0 0 / .4), 0 0 0 1.5px #fff; }

.bar { position: absolute; inset: auto 0 16px; margin-inline: auto; width: max-content; display: flex; align-items: center; gap: 4px; padding: 6px; border-radius: 12px; background: var(--card); color: var(--text);
  box-shadow: var(--shadow); pointer-events: auto; max-width: calc(100vw - 16px); }
.bar .brand { display: flex; align-items: center; gap: 8px; padding: 0 10px 0 6px; font-weight: 650; white-space: nowrap; border-inline-end: 1px solid var(--line); margin-inline-end: 4px; }
.brand svg { fill: var(--pine); } .brand small { font-weight: 400; color: var(--dim); max-width: 150px; overflow: hidden; text-overflow: ellipsis; }
.modes { display: flex; gap: 4px; }
.bar button { display: flex; align-items: center; gap: 6px; height: 34px; padding: 0 11px; border-radius: 8px; white-space: nowrap; }
.bar button:hover { background: var(--soft); }
.bar button[aria-pressed=true] { background: var(--pale); color: var(--pine); font-weight: 600; }
.note { position: absolute; inset: auto 0 74px; margin-inline: auto; width: max-content; padding: 6px 12px; border-radius: 8px; background: #10201c; color: #fff; font-size: 12.5px; white-space: nowrap; box-shadow: 0 2px 10px rgb(0 0 0 / .35), 0 0 0 1px rgb(255 255 255 / .25);
  max-width: calc(100vw - 16px); overflow: hidden; text-overflow: ellipsis; }

.card { position: absolute; top: 16px; inset-inline-end: 16px; width: 372px; max-width: calc(100vw - 16px); max-height: calc(100vh - 96px); display: flex; flex-direction: column; border-radius: 14px; background: var(--card);
  color: var(--text); box-shadow: var(--shadow); pointer-events: auto; overflow: hidden; }
.card.left { inset-inline: 16px auto; }
.card form { display: flex; flex-direction: column; min-height: 0; }
.card .head { display: flex; align-items: center; justify-content: space-between; padding: 12px 12px 8px 18px; }
.card h2 { margin: 0; font-size: 16px; font-weight: 650; overflow-wrap: anywhere; }
.card h3 { margin: 0 0 6px; font-size: 13px; font-weight: 650; }
.round { display: grid; place-items: center; width: 32px; height: 32px; border-radius: 8px; color: var(--dim); } .round:hover { background: var(--soft); }
.scroll { overflow: auto; overscroll-behavior: contain; padding: 0 18px 16px; display: flex; flex-direction: column; gap: 16px; }
.card .foot { padding: 12px 18px; border-top: 1px solid var(--line); display: flex; flex-direction: column; gap: 8px; }
.stats { display: grid; grid-template-columns: 1fr auto; align-items: end; gap: 2px 14px; padding: 12px 14px; border-radius: 10px; background: var(--soft); min-height: 86px; }
.top { display: flex; flex-direction: column; gap: 7px; }
.stats[aria-busy=true] > * { opacity: .5; } .big { font-size: 28px; font-weight: 650; line-height: 1.15; } .big small { font-size: 14px; font-weight: 400; color: var(--dim); }
.spark { width: 128px; height: 40px; fill: var(--pine); grid-row: span 2; align-self: center; } .spark .none { fill: var(--line); }
.stats .small { grid-column: 1; } .wide { grid-column: 1 / -1 !important; }
.field { display: flex; flex-direction: column; gap: 5px; } .field > span, .legend { font-size: 13px; font-weight: 600; }
fieldset { border: 0; margin: 0; padding: 0; min-width: 0; display: flex; flex-direction: column; gap: 7px; } legend { padding: 0; margin: 0 0 5px; font-size: 13px; font-weight: 600; }
input[type=text], textarea, select { width: 100%; padding: 7px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--field); }
textarea { font: 12.5px/1.5 ui-monospace, Menlo, Consolas, monospace; resize: vertical; min-height: 62px; overflow-wrap: anywhere; }
input[aria-invalid=true], textarea[aria-invalid=true] { border-color: var(--bad); }
.check { display: flex; gap: 8px; align-items: baseline; cursor: pointer; min-width: 0; } .check > span { min-width: 0; overflow-wrap: anywhere; }
input[type=checkbox], input[type=radio] { accent-color: var(--pine); flex: none; position: relative; top: 2px; width: 15px; height: 15px; }
.chips { display: flex; flex-wrap: wrap; gap: 6px; }
.chip { max-width: 100%; padding: 3px 9px; border: 1px solid var(--line); border-radius: 7px; font: 12px/1.5 ui-monospace, Menlo, Consolas, monospace; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.chip:hover { background: var(--soft); } .chip[aria-pressed=true], .chip[aria-current=true] { background: var(--pale); border-color: var(--pine); color: var(--pine); font-weight: 600; }
.chip.passing { color: var(--dim); border-style: dashed; } .chip.passing[aria-pressed=true] { color: var(--warn); border-color: var(--warn); background: none; }
.crumbs { display: flex; flex-wrap: wrap; gap: 4px; align-items: center; } .crumbs > span { color: var(--dim); }
.indent { padding-inline-start: 23px; display: flex; flex-direction: column; gap: 6px; }
details > summary { cursor: pointer; font-size: 13px; font-weight: 600; padding: 2px 0; border-radius: 4px; } details[open] > summary { margin-bottom: 10px; } details > div { display: flex; flex-direction: column; gap: 12px; }
.rows { list-style: none; margin: 0; padding: 0; font-size: 12.5px; } .rows li { display: flex; justify-content: space-between; gap: 10px; padding: 4px 0; border-top: 1px solid var(--line); } .rows li:first-child { border-top: 0; }
.rows li > :first-child { min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .rows li > :last-child { color: var(--dim); white-space: nowrap; }
.go { display: flex; justify-content: center; align-items: center; gap: 8px; height: 40px; padding: 0 16px; border-radius: 9px; background: var(--pine); color: var(--on-pine); font-weight: 650; text-decoration: none; white-space: nowrap; }
.go:hover { filter: brightness(1.08); } .go[disabled] { opacity: .55; cursor: default; }
.plain { display: flex; justify-content: center; align-items: center; height: 36px; border-radius: 9px; font-weight: 600; border: 1px solid var(--line); padding: 0 14px; } .plain:hover { background: var(--soft); }
.link { color: var(--pine); text-decoration: underline; font-size: 12.5px; align-self: flex-start; }
.done { display: flex; flex-direction: column; gap: 12px; padding: 4px 18px 18px; } .done .check-mark { color: var(--pine); }
.panel { position: absolute; inset: auto 0 16px; margin-inline: auto; width: 420px; max-width: calc(100vw - 16px); padding: 16px 18px; border-radius: 14px; background: var(--card); color: var(--text); box-shadow: var(--shadow); pointer-events: auto;
  display: flex; flex-direction: column; gap: 10px; } .panel h2 { margin: 0; font-size: 16px; } .panel p { overflow-wrap: anywhere; } .panel div { display: flex; gap: 8px; }
@media (max-width: 640px) { .bar .brand span, .bar .label { display: none; } .bar .brand { padding: 0 6px; border: 0; margin: 0; } .note { display: none; }
  .card, .card.left { inset: auto 8px 64px; width: auto; max-width: none; max-height: 62vh; } }
@media (prefers-reduced-motion: no-preference) { .card { animation: in 120ms ease-out; } @keyframes in { from { opacity: 0; translate: 0 6px; } } }
`;
