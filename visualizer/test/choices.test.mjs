// From an element to the selector that finds it again.
import assert from "node:assert/strict";
import { test } from "node:test";

import { load } from "./load.mjs";

const { evaluate, firstChoices, ident, isLasting, isUtility, matches, nameFor, parseChain, parseSelector, partsOf, patternOf, predicateOf, selectorOf, wholeSelector } = await load();

const picked = (chain, more = {}) => ({ chain: parseChain(chain), text: undefined, hasInner: false, path: "/", place: null, ...more });
const first = (chain, more) => {
  const of = picked(chain, more);
  const selector = wholeSelector(of, firstChoices(of));
  const list = parseSelector(selector);
  assert.ok(list, `${selector} is a selector`);
  assert.ok(matches(list, of.chain), `${selector} matches what it was made for`);
  return selector;
};

test("what a person named comes before what a build tool named", () => {
  const table = [
    ["html>body:2/2/1/1>button#buy.css-1q2w3e.btn[type=button][data-testid=add-to-cart]:1/3/1/1", '[data-testid="add-to-cart"]'],
    ["html>body:2/2/1/1>button#buy.btn:1/3/1/1", "#buy"],
    ["html>body:2/2/1/1>button#radix-\\:r1\\:.sc-bdVaJa[name=plan]:1/3/1/1", 'button[name="plan"]'],
    ["html>body:2/2/1/1>div.Button_root__3fK2a[role=checkbox]:1/3/1/1", 'div[role="checkbox"]'],
    ["html>body:2/2/1/1>button.x9f619.x1n2onr6[aria-label=Close menu]:1/3/1/1", 'button[aria-label="Close menu"]'],
    ["html>body:2/2/1/1>a.nav-link.active.mt-4[href=/pricing]:1/3/1/1", 'a[href="/pricing"]'],
    ["html>body:2/2/1/1>div.tile.card-body.p-4.is-open:1/3/1/1", "div.tile.card-body"],
  ];
  for (const [chain, selector] of table) assert.equal(first(chain), selector, chain);
});

test("where nothing of its own lasts, the text and the nearest named container count", () => {
  const bare = "html>body:2/2/1/1>section#checkout:1/2/1/1>div.flex.items-center:1/1/1/1>button.bg-amber-500.hover\\:bg-amber-600[type=button]:2/2/1/1";
  assert.equal(first(bare), "#checkout button");
  const of = picked(bare, { text: "Pay now" });
  const choices = firstChoices(of);
  assert.deepEqual([choices.text, selectorOf(of, choices)], [true, "button"]);
  assert.deepEqual(predicateOf(of, choices), { all: [{ type: "click" }, { selector: "button" }, { property: "target_text", is: "Pay now" }] });
  // A label that counts says another thing tomorrow.
  assert.equal(first("html>body:2/2/1/1>a.cart[aria-label=Cart, 3 items]:1/1/1/1"), "a.cart");
});

test("clicks on what is inside count, unless they are not to", () => {
  const of = picked("html>body:2/2/1/1>button#buy:1/1/1/1", { hasInner: true });
  const choices = firstChoices(of);
  assert.equal(wholeSelector(of, choices), "#buy, #buy *");
  assert.equal(wholeSelector(of, { ...choices, inside: false }), "#buy");
  const icon = parseChain("html>body:2/2/1/1>button#buy:1/1/1/1>svg:1/1/1/1>path:1/1/1/1");
  assert.ok(matches(parseSelector("#buy, #buy *"), icon));
});

test("each condition becomes its part of the selector or of the predicate", () => {
  const chain = "html>body:2/2/1/1>ul#list:1/1/1/1>li.item:3/9/3/9>div.row:1/1/1/1>a.btn.md\\:w-1/2[href=/x]:1/1/1/1";
  const of = picked(chain, { place: 3, text: "Go", path: "/items/7" });
  const choices = { ...firstChoices(of), own: [".md\\:w-1\\/2", '[href="/x"]'], tag: false };
  const expect = (more, selector) => {
    const made = selectorOf(of, { ...choices, ...more });
    assert.equal(made, selector);
    assert.ok(matches(parseSelector(made), of.chain), made);
  };
  expect({}, '[href="/x"].md\\:w-1\\/2');
  expect({ tag: true }, 'a[href="/x"].md\\:w-1\\/2');
  expect({ own: [] }, "a");
  expect({ containers: [2] }, '#list [href="/x"].md\\:w-1\\/2');
  expect({ containers: [2, 4] }, '#list div [href="/x"].md\\:w-1\\/2');
  expect({ position: true }, 'li.item:nth-of-type(3) [href="/x"].md\\:w-1\\/2');
  expect({ position: true, containers: [3] }, 'li.item:nth-of-type(3) [href="/x"].md\\:w-1\\/2');
  const conditions = (more) => predicateOf(of, { ...choices, text: false, ...more }).all.slice(2);
  assert.deepEqual(conditions({ page: "this" }), [{ property: "path", is: "/items/7" }]);
  assert.deepEqual(conditions({ page: "pattern" }), [{ property: "path", glob: "/items/*" }]);
  assert.deepEqual(conditions({ text: true }), [{ property: "target_text", is: "Go" }]);
  assert.equal(wholeSelector(of, { ...choices, inside: true, selector: " .by-hand " }), ".by-hand");
});

test("names of every kind are escaped so that they match again", () => {
  const names = ["md:w-1/2", "hover:bg-[#fff]", "-mt-2", "2xl:p-4", "-1", "-", "--x", "é日本", "a b".replace(" ", "\u00a0"), "w-[calc(100%-2rem)]", "a\\b", "\u{1f600}", "x\u007f", "[&>*]:p-4", "@sm/x"];
  for (const name of names) {
    const element = { tag: "p", id: name, classes: [name], attributes: new Map([["title", `${name}"\n\\`]]), position: null, foreign: false };
    for (const selector of [`.${ident(name)}`, `#${ident(name)}`, ...partsOf(element).map((part) => part.css)]) {
      const list = parseSelector(selector);
      assert.ok(list && matches(list, [element]), selector);
    }
  }
});

test("generated names and utility classes are known from names that mean something", () => {
  const lasting = ["btn", "checkout_modal", "add-to-cart", "productCard", "nav-item", "h1", "col2", "order-summary", "list-item", "top-bar", "select-plan", "content-header", "Footer"];
  for (const name of lasting) assert.ok(isLasting(name) && !isUtility(name), name);
  const generated = ["css-1x2y3z4", "sc-bdVaJa", "Button_root__3fK2a", "_1a2b3c", "jss142", "x1n2onr6", "svelte-1qaz2ws", "ember1234", ":r1:", "styles_card__aB3dE", "mui-58392", "1col"];
  for (const name of generated) assert.ok(!isLasting(name), name);
  const utility = ["flex", "mt-4", "-mx-2", "px-3.5", "text-sm", "md:w-1/2", "bg-amber-500", "hover:underline", "rounded-full", "gap-2", "items-center", "border-gray-200", "w-full", "col-6", "d-flex", "justify-content-between", "grid-cols-3", "space-x-2", "order-1", "list-none", "inset-0"];
  for (const name of utility) assert.ok(isUtility(name), name);
});

test("names and patterns to begin with", () => {
  const button = "html>body:2/2/1/1>button[data-testid=add-to-cart]:1/1/1/1";
  assert.equal(nameFor(picked(button, { text: "Add to cart" }), "click", new Set()), "Click Add to cart");
  assert.equal(nameFor(picked(button, { text: "Add to cart" }), "click", new Set(["Click Add to cart", "Click Add to cart 2"])), "Click Add to cart 3");
  assert.equal(nameFor(picked(button), "click", new Set()), "Click add to cart");
  assert.equal(nameFor(picked("html>body:2/2/1/1>input[name=email][placeholder=Your email]:1/1/1/1"), "change", new Set()), "Change Your email");
  assert.deepEqual(["/", "/cart", "/items/tent", "/users/42/edit", "/a/b/"].map(patternOf), ["/", "/cart", "/items/*", "/users/*/edit", "/a/*/"]);
});

test("fields are changed and forms are sent, all else is clicked", () => {
  const type = (element) => firstChoices(picked(`html>body:2/2/1/1>${element}:1/1/1/1`)).type;
  assert.deepEqual(["input[type=text]", "input", "select", "textarea", "input[type=submit]", "form", "a", "button"].map(type), ["change", "change", "change", "change", "click", "submit", "click", "click"]);
});

test("a definition could match an element, could not, or the page cannot tell", () => {
  const chain = parseChain("html>body:2/2/1/1>button#buy.btn:1/1/1/1");
  const facts = { types: ["click"], chain: () => chain, could: () => true, properties: { target_text: () => "Buy", path: () => "/cart", href: () => undefined } };
  const click = { type: "click" };
  const table = [
    [{ selector: "#buy" }, true], [{ selector: ".other" }, false], [{ selector: "a:hover" }, false], [{ type: "change" }, false], [{ name: "Order" }, false],
    [{ property: "browser", is: "Chrome" }, undefined], [{ property: "path", glob: "/c*t" }, true], [{ property: "path", glob: "/c?t" }, false], [{ property: "path", glob: "/c.rt" }, false],
    [{ property: "target_text", in: ["Sell", "Buy"] }, true], [{ property: "href", is: "/x" }, false], [{ property: "href", is_not_set: true }, true], [{ property: "path", regex: "^/c" }, undefined],
    [{ all: [click, { selector: "#buy" }] }, true], [{ all: [click, { property: "browser", is: "x" }] }, undefined], [{ all: [{ property: "browser", is: "x" }, { type: "change" }] }, false],
    [{ any: [{ type: "change" }, { property: "browser", is: "x" }] }, undefined], [{ any: [{ property: "browser", is: "x" }, click] }, true], [{ any: [] }, false], [{ all: [] }, true],
    [{ not: { selector: "#buy" } }, false], [{ not: { property: "browser", is: "x" } }, undefined],
  ];
  for (const [predicate, expected] of table) assert.equal(evaluate(predicate, facts), expected, JSON.stringify(predicate));
});
