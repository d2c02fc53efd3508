// The demo shop: a small single-page app, as a shop's own developers might write it.

import { find, kindNames, kinds, landscape, products } from "./products.js";

const main = document.querySelector("#main");
const money = (amount) => `$${amount.toFixed(2).replace(/\.00$/, "")}`;
const shelf = (kind) => kindNames[kind] || kind;

// What the browser keeps between pages.
const load = (name, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(`shop.${name}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const save = (name, value) => {
  try {
    localStorage.setItem(`shop.${name}`, JSON.stringify(value));
  } catch {
    // a private window: the cart lasts as long as the page
  }
};

let cart = load("cart", {}); // slug to quantity
let user = load("user", null); // {email}
let filter = { kind: "All", words: "" };

const cartLines = () => Object.entries(cart).map(([slug, quantity]) => ({ product: find(slug), quantity })).filter((l) => l.product);
const cartCount = () => cartLines().reduce((sum, line) => sum + line.quantity, 0);
const cartTotal = () => cartLines().reduce((sum, line) => sum + line.quantity * line.product.price, 0);

function setQuantity(slug, quantity) {
  if (quantity > 0) cart[slug] = quantity;
  else delete cart[slug];
  save("cart", cart);
  drawAccount();
}

// Parts

const price = (p) => `<p class="price">${money(p.price)}${p.was ? ` <s class="muted">${money(p.was)}</s>` : ""}</p>`;

const addButton = (p, wide = "") =>
  `<button class="button ${wide} bg-amber-500 hover:bg-amber-600 font-semibold" type="button" data-testid="add-to-cart" data-id="${p.slug}">Add to cart</button>`;

const card = (p) => `
  <li class="card w-full md:w-1/2 lg:w-1/3">
    <article class="card-body rounded-xl shadow-sm hover:shadow-lg">
      <a class="picture" data-testid="product-link" href="/items/${p.slug}" aria-label="${p.name}">${p.art}${p.badge ? `<span class="badge badge-${p.badge.toLowerCase()}">${p.badge}</span>` : ""}</a>
      <div class="card-text">
        <div><h3><a href="/items/${p.slug}">${p.name}</a></h3><p class="muted text-sm">${p.line}</p></div>
        <div class="flex items-center justify-between gap-2">${price(p)}${addButton(p)}</div>
      </div>
    </article>
  </li>`;

const empty = (title, text) => `
  <section class="wrap narrow empty"><h1>${title}</h1><p class="muted">${text}</p><a class="button bg-amber-500 hover:bg-amber-600 font-semibold" href="/">Browse the gear</a></section>`;

const field = (id, label, type, autocomplete, placeholder = "") =>
  `<label class="field" for="${id}"><span>${label}</span><input id="${id}" name="${id}" type="${type}" autocomplete="${autocomplete}" placeholder="${placeholder}"></label>`;

// Pages: each gives a title and its HTML

function home() {
  return ["Tarn & Tor · Outdoor gear", `
    <section class="hero">${landscape}
      <div class="wrap hero-text"><p class="eyebrow">Autumn, sorted</p><h1>Gear for the long way round.</h1>
      <p>Few things, made well, mended for life.</p><a class="button bg-amber-500 hover:bg-amber-600 font-semibold" href="/items/ridgeline-2-tent">Meet the Ridgeline 2</a></div>
    </section>
    <section class="wrap" aria-labelledby="gear">
      <div class="shelf-head flex items-center justify-between gap-4"><h2 id="gear">The gear</h2>
        <div class="chips flex gap-2" role="group" aria-label="Shelves">${kinds.map((kind) => `<button type="button" class="chip rounded-full text-sm" data-action="kind" data-id="${kind}">${shelf(kind)}</button>`).join("")}</div></div>
      <ul class="grid-cards flex" id="products"></ul>
      <p class="muted none" id="none" hidden>Nothing by that name. Try “tent” or “mug”.</p>
    </section>
    <section class="wrap"><ul class="promises flex rounded-xl text-sm">
      <li><strong>Mended for life</strong><span class="muted">Post it to us, torn or tired.</span></li>
      <li><strong>Free over $150</strong><span class="muted">In plain paper, by train.</span></li>
      <li><strong>60 nights to decide</strong><span class="muted">Mud on it is fine.</span></li></ul></section>
    <section class="wrap"><div class="newsletter rounded-xl md:flex items-center justify-between gap-4">
      <div><h2>Letters from the hill</h2><p>One route, one recipe, once a month.</p></div>
      <form class="flex gap-2" id="newsletter"><input id="newsletter-email" name="email" type="email" autocomplete="email" placeholder="you@example.com" aria-label="Your email" required><button class="button bg-amber-500 hover:bg-amber-600 font-semibold" type="submit">Sign up</button></form>
    </div></section>`];
}

function item(slug) {
  const p = find(slug);
  if (!p) return lost();
  const others = products.filter((o) => o.kind === p.kind && o !== p).concat(products.filter((o) => o.kind !== p.kind)).slice(0, 3);
  return [`${p.name} · Tarn & Tor`, `
    <section class="wrap"><nav class="crumbs muted text-sm" aria-label="You are here"><a href="/">Gear</a> / ${shelf(p.kind)}</nav>
      <div class="product md:flex">
        <div class="w-full md:w-1/2"><div class="picture big rounded-xl">${p.art}</div></div>
        <div class="w-full md:w-1/2 product-text">
          <p class="eyebrow">${shelf(p.kind)}</p><h1>${p.name}</h1><p class="lead muted">${p.line}</p>${price(p)}
          <ul class="facts">${p.facts.map((fact) => `<li>${fact}</li>`).join("")}</ul>
          ${addButton(p, "w-full")}<p class="muted text-sm">In stock. Leaves Keld tomorrow, free over $150.</p>
        </div></div>
      <h2>Goes well with</h2><ul class="grid-cards flex">${others.map(card).join("")}</ul></section>`];
}

function cartPage() {
  if (!cartCount()) return ["Cart · Tarn & Tor", empty("Your cart is empty", "The hills are patient. So is the stove.")];
  return ["Cart · Tarn & Tor", `
    <section class="wrap"><h1>Your cart</h1><div class="columns">
      <ul class="lines">${cartLines().map(({ product: p, quantity }) => `
        <li class="line rounded-xl"><a class="picture thumb rounded-lg" href="/items/${p.slug}" aria-label="${p.name}">${p.art}</a>
          <div class="line-text"><h3><a href="/items/${p.slug}">${p.name}</a></h3><p class="muted text-sm">${money(p.price)} each</p>
          <div class="stepper flex items-center gap-2"><button type="button" data-action="less" data-id="${p.slug}" aria-label="One less">−</button><span>${quantity}</span><button type="button" data-action="more" data-id="${p.slug}" aria-label="One more">+</button>
          <button class="link text-sm" type="button" data-action="remove" data-id="${p.slug}">Remove</button></div></div>
          <p class="price">${money(p.price * quantity)}</p></li>`).join("")}</ul>
      <aside class="panel rounded-xl">${summary()}<a class="button w-full bg-amber-500 hover:bg-amber-600 font-semibold" href="/checkout">Go to checkout</a></aside>
    </div></section>`];
}

const summary = () => `
  <h2>Summary</h2><dl class="sums"><dt>${cartCount()} ${cartCount() === 1 ? "item" : "items"}</dt><dd>${money(cartTotal())}</dd>
  <dt>Delivery</dt><dd>${cartTotal() > 150 ? "Free" : money(9)}</dd><dt class="total">Total</dt><dd class="total">${money(due())}</dd></dl>`;

const due = () => cartTotal() + (cartTotal() > 150 ? 0 : 9);

function checkout() {
  if (!cartCount()) return ["Checkout · Tarn & Tor", empty("Nothing to check out", "Put something in your cart first.")];
  return ["Checkout · Tarn & Tor", `
    <section class="wrap"><div class="checkout_modal rounded-xl shadow-lg" role="region" aria-label="Checkout">
      <form id="checkout-form"><h1>Checkout</h1><p class="muted text-sm">A demo: leave it blank or invent someone.</p>
        <fieldset><legend>Deliver to</legend><div class="two">${field("checkout-name", "Name", "text", "name")}${field("checkout-email", "Email", "email", "email")}</div>
        ${field("checkout-address", "Address", "text", "street-address")}</fieldset>
        <fieldset><legend>Pay by card</legend>${field("checkout-card", "Card number", "text", "cc-number", "0000 0000 0000 0000")}
        <div class="two">${field("checkout-expiry", "Expires", "text", "cc-exp", "MM / YY")}${field("checkout-cvc", "CVC", "text", "cc-csc", "000")}</div></fieldset></form>
      <aside>${summary()}<ul class="brief text-sm muted">${cartLines().map((l) => `<li><span>${l.quantity} × ${l.product.name}</span></li>`).join("")}</ul>
        <a class="btn button w-full bg-amber-500 hover:bg-amber-600 font-semibold" role="button" href="/checkout" data-action="confirm">Confirm Order</a>
        <a class="link text-sm back" href="/cart">Back to cart</a></aside>
    </div></section>`];
}

const thanks = () => ["Thank you · Tarn & Tor", `
  <section class="wrap narrow empty"><svg viewBox="0 0 48 48" width="64" height="64" aria-hidden="true"><circle cx="24" cy="24" r="22" fill="#2f7a64"/><path d="m14 25 7 7 14-15" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/></svg>
  <h1>Thank you</h1><p class="muted">Your order is on the bench. We will write when it is on the train.</p><a class="button bg-amber-500 hover:bg-amber-600 font-semibold" href="/">Keep browsing</a></section>`];

function login() {
  if (user) return ["Account · Tarn & Tor", empty("You are logged in", "Your cart and your mends are kept for you.")];
  return ["Log in · Tarn & Tor", `
    <section class="wrap narrow"><form class="panel rounded-xl shadow-sm" id="login"><h1>Welcome back</h1><p class="muted text-sm">Any email and password will do here.</p>
      ${field("login-email", "Email", "email", "username", "you@example.com")}${field("login-password", "Password", "password", "current-password")}
      <label class="check text-sm"><input id="login-club" name="club" type="checkbox"> <span>I am in the Tor Club</span></label>
      <button class="button w-full bg-amber-500 hover:bg-amber-600 font-semibold" id="login-submit" type="submit">Log in</button></form></section>`];
}

const lost = () => ["Not found · Tarn & Tor", empty("Off the path", "There is no such page. The cairns lead back.")];

function pageAt(path) {
  const [, slug] = path.match(/^\/items\/([\w-]+)\/?$/) || [];
  if (slug) return item(slug);
  return ({ "/": home, "/cart": cartPage, "/checkout": checkout, "/login": login }[path] || lost)();
}

// Drawing

function draw([title, html] = pageAt(location.pathname)) {
  document.title = title;
  main.innerHTML = html;
  if (location.pathname === "/") drawProducts();
  drawAccount();
}

function drawProducts() {
  const words = filter.words.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = products.filter((p) => (filter.kind === "All" || p.kind === filter.kind) &&
    words.every((word) => `${p.name} ${p.kind} ${p.line}`.toLowerCase().includes(word)));
  main.querySelector("#products").innerHTML = shown.map(card).join("");
  main.querySelector("#none").hidden = shown.length > 0;
  for (const chip of main.querySelectorAll(".chip")) chip.setAttribute("aria-pressed", String(chip.dataset.id === filter.kind));
}

function drawAccount() {
  const nav = document.querySelector("#account");
  nav.innerHTML = `${user
    ? `<span class="who text-sm muted" data-cairn-mask></span><button class="header-link text-sm" type="button" id="logout">Log out</button>`
    : `<a class="header-link text-sm" href="/login">Log in</a>`}
    <a class="header-link cart-link" href="/cart" aria-label="Cart, ${cartCount()} items"><svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true"><path d="M6 8h12l1.2 12H4.8zM9 8a3 3 0 0 1 6 0" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round"/></svg>${cartCount() ? `<span class="count">${cartCount()}</span>` : ""}</a>`;
  if (user) nav.querySelector(".who").textContent = user.email;
}

function go(path) {
  if (path !== location.pathname) history.pushState(null, "", path);
  draw();
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

let toastTimer;
function toast(text) {
  const el = document.querySelector("#toast");
  el.textContent = text;
  el.classList.add("shown");
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => el.classList.remove("shown"), 2600);
}

// What visitors do

function confirmOrder() {
  const lines = cartLines();
  cairn.track("Order Placed", { amount: due(), items: cartCount(), products: lines.map((line) => line.product.slug) });
  cart = {};
  save("cart", cart);
  draw(thanks());
  window.scrollTo(0, 0);
}

const actions = {
  kind: (kind) => ((filter.kind = kind), drawProducts()),
  less: (slug) => (setQuantity(slug, cart[slug] - 1), draw()),
  more: (slug) => (setQuantity(slug, cart[slug] + 1), draw()),
  remove: (slug) => (setQuantity(slug, 0), draw()),
  confirm: confirmOrder,
};

document.addEventListener("click", (event) => {
  const on = event.target.closest("[data-testid=add-to-cart],[data-action],#logout,a[href]");
  if (!on || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (on.matches("[data-testid=add-to-cart]")) {
    setQuantity(on.dataset.id, (cart[on.dataset.id] || 0) + 1);
    toast(`${find(on.dataset.id).name} is in your cart`);
  } else if (on.id === "logout") {
    user = null;
    save("user", user);
    cairn.resetIdentity();
    go("/");
  } else if (on.dataset.action || on.getAttribute("href").startsWith("/")) {
    event.preventDefault();
    if (on.dataset.action) actions[on.dataset.action](on.dataset.id);
    else go(on.getAttribute("href"));
  }
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const { id } = event.target;
  if (id === "newsletter") {
    event.target.reset();
    toast("Thank you. The next letter is yours.");
  } else if (id === "login") {
    const email = event.target.querySelector("#login-email").value.trim();
    if (!email) return toast("Any email will do, but one is needed.");
    user = { email };
    save("user", user);
    cairn.identify(email, { plan: event.target.querySelector("#login-club").checked ? "club" : "free" });
    go("/");
  } else if (id === "search-form" && location.pathname !== "/") go("/");
});

document.querySelector("#search").addEventListener("input", (event) => {
  filter = { kind: "All", words: event.target.value };
  if (location.pathname === "/") drawProducts();
});

window.addEventListener("popstate", () => draw());
draw();
