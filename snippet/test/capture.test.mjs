import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ready, startBrowser, visit } from "./harness.mjs";

let browser;
before(async () => (browser = await startBrowser()));
after(() => browser.close());

/** Waits for a marker that follows everything the page has done, then gives the captured events. */
async function captured({ page, collector }, ...types) {
  await page.evaluate(() => cairn.track("End"));
  await collector.untilNamed("End");
  return collector.messages.filter((m) => types.includes(m.type)).map((m) => m.properties);
}

const SHOP = `
  <header></header>
  <main class="grid md:w-1/2 hover:bg-amber-600" id="a.b">
    <p>One</p>
    <a class="btn  primary" href="/items/tent?x=1" target="_blank" title="The tent" data-testid="go[1]">
      <svg viewBox="0 0 9 9" width="40" height="40"><linearGradient></linearGradient><path d="M0 0h9v9z"></path></svg>
      <span>Confirm</span> <b>Or</b>der <i style="display:none">hidden</i><script>1</script>
    </a>
    <p>Two</p>
  </main>`;

test("a click's chain runs from the root to the very target", () =>
  visit(browser, SHOP, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => document.addEventListener("click", (e) => e.preventDefault()));
    await v.page.click("path");
    await v.page.click("span");
    await v.page.evaluate(() => document.querySelector("a").click());
    const [path, span, link] = await captured(v, "click");
    const anchor =
      "html>body:2/2/1/1>main#a\\.b.grid.md\\:w-1/2.hover\\:bg-amber-600:2/2/1/1>" +
      "a.btn.primary[href=/items/tent?x\\=1][target=_blank][title=The tent][data-testid=go\\[1\\]]:2/3/1/1";
    assert.equal(path.chain, anchor + ">svg:1/5/1/1>path:2/2/1/1");
    assert.deepEqual([path.target_tag, path.target_text, path.href], ["path", undefined, "/items/tent?x=1"]);
    assert.equal(span.chain, anchor + ">span:2/5/1/1");
    assert.equal(span.target_text, "Confirm");
    assert.equal(link.chain, anchor);
    assert.equal(link.target_text, "Confirm Order");
  }));

test("of a container only the text that stands in it counts", () =>
  visit(browser, `<div id="box">Own <p>Inner</p> words</div><p id="long">${"😀x ".repeat(200)}</p>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      document.querySelector("#box").click();
      document.querySelector("#long").click();
    });
    const [box, long] = await captured(v, "click");
    assert.deepEqual([box.target_id, box.target_text], ["box", "Own words"]);
    assert.ok(long.target_text.length <= 255 && long.target_text.isWellFormed());
  }));

test("links: http, https and relative ones, as written", () =>
  visit(browser, ["https://a.example/x?token=abc&y=1", "../up", "mailto:a@b.example", "java\nscript:void(0)", "#part"]
    .map((href) => `<a href="${href}">x</a>`).join(""), async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      addEventListener("click", (e) => e.preventDefault());
      document.querySelectorAll("a").forEach((a) => a.click());
    });
    const clicks = await captured(v, "click");
    assert.deepEqual(clicks.map((p) => p.href), ["https://a.example/x?token=&y=1", "../up", undefined, undefined, "#part"]);
    assert.match(clicks[2].chain, /\[href=mailto\\:a@b\\\.example\]/);
    assert.doesNotMatch(clicks[3].chain, /href/);
  }));

test("targets in open shadow trees have their host as parent; closed ones end at the host", () =>
  visit(browser, `<x-cart class="big"><em slot="s">Slotted</em></x-cart><x-closed></x-closed>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      document.querySelector("x-cart").attachShadow({ mode: "open" }).innerHTML =
        `<slot name="s"></slot><form id="f"><input id="qty"><select><option>1<option>2</select><button type="submit">Add</button></form>`;
      document.querySelector("x-closed").attachShadow({ mode: "closed" }).innerHTML = "<button>Secret</button>";
      document.querySelector("x-cart").shadowRoot.addEventListener("submit", (e) => e.preventDefault());
    });
    await v.page.fill("#qty", "12345");
    await v.page.click("x-cart button");
    await v.page.click("em");
    await v.page.click("x-closed");
    const events = await captured(v, "click", "change", "submit");
    const host = "html>body:2/2/1/1>x-cart.big:1/2/1/1>";
    assert.deepEqual(events.map((p) => [p.chain, p.target_text]), [
      [host + "form#f:2/2/1/1>input#qty:1/3/1/1", undefined],
      [host + "form#f:2/2/1/1>button[type=submit]:3/3/1/1", "Add"],
      [host + "form#f:2/2/1/1", undefined],
      [host + "em:1/1/1/1", "Slotted"],
      ["html>body:2/2/1/1>x-closed:2/2/1/1", undefined],
    ]);
  }));

test("a form with fields named like DOM properties does not mislead", () =>
  visit(browser, `<form id="booking" class="f"><input name="children"><input name="id"><input name="action"><button type="button">Go</button></form>`,
    async (v) => {
      await ready(v.page);
      await v.page.click("button");
      const [click] = await captured(v, "click");
      assert.equal(click.chain, "html>body:2/2/1/1>form#booking.f:1/1/1/1>button[type=button]:4/4/1/1");
    }));

test("nothing under data-cairn-ignore; no texts under data-cairn-mask", () =>
  visit(browser, `
    <div data-cairn-ignore><button id="ignored">Secret one</button><input id="in"></div>
    <div data-cairn-mask id="m" aria-label="Jane"><a class="c" href="/users/jane" title="Jane" data-testid="t"><img alt="Jane" width="9" height="9"><u>Jane</u></a></div>
    <button id="mixed">Hello <b data-cairn-mask>Jane</b><b data-cairn-ignore>Doe</b></button>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      addEventListener("click", (e) => e.preventDefault());
      for (const css of ["#ignored", "img", "u", "a", "#mixed"]) {
        document.querySelector(css).dispatchEvent(new MouseEvent("click", { bubbles: true, composed: true, cancelable: true }));
      }
    });
    await v.page.fill("#in", "Secret two");
    await v.page.keyboard.press("Tab");
    const events = await captured(v, "click", "change");
    assert.deepEqual(events.map((p) => [p.target_tag, p.target_text, p.href]), [
      ["img", undefined, undefined], ["u", undefined, undefined], ["a", undefined, undefined], ["button", "Hello", undefined],
    ]);
    assert.equal(events[0].chain, "html>body:2/2/1/1>div#m:2/3/2/2>a.c[data-testid=t]:1/1/1/1>img:1/2/1/1");
    assert.doesNotMatch(JSON.stringify(v.collector.messages), /Jane|jane|Secret|Doe/);
  }));

test("the tag can name what is masked by selectors", () =>
  visit(browser, `<div class="profile" title="Jane"><a href="/jane">Jane</a></div><button id="mixed">Hello <b data-private>Jane</b></button><i>Open</i>`,
    async (v) => {
      await ready(v.page);
      await v.page.evaluate(() => {
        addEventListener("click", (e) => e.preventDefault());
        for (const css of ["a", "#mixed", "i"]) document.querySelector(css).click();
      });
      const events = await captured(v, "click");
      assert.deepEqual(events.map((p) => [p.target_tag, p.target_text, p.href]), [
        ["a", undefined, undefined], ["button", "Hello", undefined], ["i", "Open", undefined],
      ]);
      assert.doesNotMatch(JSON.stringify(v.collector.messages), /Jane|jane/);
    }, { attributes: `data-mask=".profile, [data-private]"` }));

test("where what the tag masks is no selector, everything is masked", () =>
  visit(browser, `<button title="Jane">Jane</button>`, async (v) => {
    await ready(v.page);
    await v.page.click("button");
    const [click] = await captured(v, "click");
    assert.deepEqual([click.target_text, click.chain], [undefined, "html>body:2/2/1/1>button:1/1/1/1"]);
  }, { attributes: `data-mask=".profile >> a"` }));

test("every click counts, also on the bare page, and a stopped one", () =>
  visit(browser, `<p id="p">x</p>`, async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => document.querySelector("#p").addEventListener("click", (e) => e.stopImmediatePropagation()));
    await v.page.mouse.click(300, 400);
    await v.page.click("#p");
    assert.deepEqual((await captured(v, "click")).map((p) => p.target_tag), ["html", "p"]);
  }));

test("a chain keeps to the limits: 64 elements, 8,192 bytes, the target always there", () =>
  visit(browser, "", async (v) => {
    await ready(v.page);
    await v.page.evaluate(() => {
      const nest = (depth, cls) => {
        let el = document.body;
        for (let i = 0; i < depth; i++) el = el.appendChild(Object.assign(document.createElement("div"), { className: cls }));
        return el;
      };
      nest(100, "d").click();
      nest(40, Array.from({ length: 40 }, (_, i) => `md:hover:bg-${i}`).join(" ")).click();
      nest(1, "c".repeat(9000)).click();
      const wide = nest(1, "w");
      wide.title = "é".repeat(2000);
      wide.click();
    });
    const [deep, classy, huge, wide] = (await captured(v, "click")).map((p) => p.chain);
    assert.equal(deep.split(">").length, 64);
    assert.ok(Buffer.byteLength(classy) <= 8192 && Buffer.byteLength(classy) > 6000);
    assert.match(classy, /^div\.md\\:/);
    assert.equal(huge, "div:3/3/3/3");
    assert.match(wide, new RegExp(`\\[title=é{512}\\]:`));
  }));
