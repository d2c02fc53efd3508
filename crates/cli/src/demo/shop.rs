//! The demo shop as its pages are: the goods, and the element chains of what can be clicked.

/// Something to buy.
pub(super) struct Product {
    pub(super) slug: &'static str,
    pub(super) name: &'static str,
    pub(super) price: u32,
    /// How often it is looked at, against the others.
    pub(super) weight: f64,
}

const fn product(slug: &'static str, name: &'static str, price: u32, weight: f64) -> Product {
    Product { slug, name, price, weight }
}

/// In the order of the shop's page.
pub(super) const PRODUCTS: [Product; 10] = [
    product("ridgeline-2-tent", "Ridgeline 2 Tent", 289, 10.0),
    product("basecamp-45-pack", "Basecamp 45 Pack", 164, 7.0),
    product("nightfall-sleeping-bag", "Nightfall −7 Bag", 219, 4.5),
    product("ember-stove", "Ember Stove Set", 74, 4.0),
    product("enamel-mug", "Hut Enamel Mug", 16, 8.0),
    product("lumen-400-headlamp", "Lumen 400 Headlamp", 48, 5.5),
    product("scree-mid-boots", "Scree Mid Boots", 198, 6.0),
    product("switchback-poles", "Switchback Poles", 89, 2.5),
    product("spring-bottle", "Spring Filter Bottle", 42, 3.5),
    product("drizzle-shell", "Drizzle Shell", 176, 3.0),
];

/// The shelves, as the home page's chips name and show them.
pub(super) const KINDS: [(&str, &str); 5] =
    [("All", "All"), ("Camp", "Camp"), ("Kitchen", "Kitchen"), ("Packs", "Packs & shells"), ("Footwear", "On foot")];

/// Something that can be clicked, changed or submitted, as the capture script describes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) chain: String,
    pub(super) tag: &'static str,
    pub(super) id: Option<&'static str>,
    pub(super) text: Option<String>,
    pub(super) href: Option<String>,
}

const BODY: &str = "html>body:2/2/1/1";
const MAIN: &str = "main#main:3/5/1/1";
const AMBER: &str = r".bg-amber-500.hover\:bg-amber-600.font-semibold";

fn target(chain: String, tag: &'static str, text: &str) -> Target {
    Target { chain, tag, id: None, text: Some(text.to_owned()).filter(|text| !text.is_empty()), href: None }
}

fn link(chain: String, text: &str, href: &str) -> Target {
    Target { href: Some(href.to_owned()), ..target(chain, "a", text) }
}

fn in_main(rest: &str) -> String {
    format!("{BODY}>{MAIN}>{rest}")
}

fn header(rest: &str) -> String {
    format!("{BODY}>header.site-header:2/5/1/1>div.wrap.flex.items-center.gap-4:1/1/1/1>{rest}")
}

/// A card's place: of the home page's list, or of what goes well with an item.
#[derive(Clone, Copy)]
pub(super) struct Card {
    pub(super) related: bool,
    /// From 1.
    pub(super) place: usize,
    pub(super) of: usize,
}

fn card(at: Card, rest: &str) -> String {
    let Card { related, place, of } = at;
    let list = if related {
        "section.wrap:1/1/1/1>ul.grid-cards.flex:4/4/1/1"
    } else {
        "section.wrap:2/4/2/4>ul#products.grid-cards.flex:2/3/1/1"
    };
    let item = format!(r"li.card.w-full.md\:w-1/2.lg\:w-1/3:{place}/{of}/{place}/{of}");
    in_main(&format!(r"{list}>{item}>article.card-body.rounded-xl.shadow-sm.hover\:shadow-lg:1/1/1/1>{rest}"))
}

fn add_button(wide: &str, slug: &str, place: &str) -> String {
    format!("button.button{wide}{AMBER}[type=button][data-testid=add-to-cart][data-id={slug}]:{place}")
}

/// The link of a product's name.
pub(super) fn card_title(product: &Product, at: Card) -> Target {
    let href = format!("/items/{}", product.slug);
    let rest = format!("div.card-text:2/2/1/1>div:1/2/1/2>h3:1/2/1/1>a[href={href}]:1/1/1/1");
    link(card(at, &rest), product.name, &href)
}

/// The picture of a product; people hit the drawing within the link.
pub(super) fn card_picture(product: &Product, at: Card, badge: bool) -> Target {
    let href = format!("/items/{}", product.slug);
    let children = if badge { 2 } else { 1 };
    let link = format!("a.picture[href={href}][aria-label={}][data-testid=product-link]:1/2/1/1", product.name);
    let chain = card(at, &format!("{link}>svg:1/{children}/1/1"));
    Target { href: Some(href), ..target(chain, "svg", "") }
}

/// The button on a card.
pub(super) fn card_add(product: &Product, at: Card) -> Target {
    let button = add_button("", product.slug, "2/2/1/1");
    let row = "div.flex.items-center.justify-between.gap-2:2/2/2/2";
    target(card(at, &format!("div.card-text:2/2/1/1>{row}>{button}")), "button", "Add to cart")
}

/// The button on an item's own page.
pub(super) fn item_add(product: &Product) -> Target {
    let text = r"div.w-full.md\:w-1/2.product-text:2/2/2/2";
    let button = add_button(".w-full", product.slug, "6/7/1/1");
    target(
        in_main(&format!(r"section.wrap:1/1/1/1>div.product.md\:flex:2/4/1/1>{text}>{button}")),
        "button",
        "Add to cart",
    )
}

pub(super) fn hero() -> Target {
    let href = "/items/ridgeline-2-tent";
    let rest = format!("section.hero:1/4/1/4>div.wrap.hero-text:2/2/1/1>a.button{AMBER}[href={href}]:4/4/1/1");
    link(in_main(&rest), "Meet the Ridgeline 2", href)
}

pub(super) fn chip(kind: usize) -> Target {
    let (id, text) = KINDS[kind];
    let head = "section.wrap:2/4/2/4>div.shelf-head.flex.items-center.justify-between.gap-4:1/3/1/1";
    let group = "div.chips.flex.gap-2[role=group][aria-label=Shelves]:2/2/1/1";
    let place = kind + 1;
    let button =
        format!("button.chip.rounded-full.text-sm[type=button][data-id={id}][data-action=kind]:{place}/5/{place}/5");
    target(in_main(&format!("{head}>{group}>{button}")), "button", text)
}

pub(super) fn search() -> Target {
    let input =
        "input#search[name=search][type=search][aria-label=Search products][placeholder=Search tents, boots, mugs…]";
    let chain = header(&format!("form#search-form.search[role=search]:2/3/1/1>{input}:2/2/1/1"));
    Target { id: Some("search"), ..target(chain, "input", "") }
}

const NEWSLETTER: &str = r"section.wrap:4/4/4/4>div.newsletter.rounded-xl.md\:flex.items-center.justify-between.gap-4:1/1/1/1>form#newsletter.flex.gap-2:2/2/1/1";

pub(super) fn newsletter_form() -> Target {
    Target { id: Some("newsletter"), ..target(in_main(NEWSLETTER), "form", "") }
}

pub(super) fn newsletter_email() -> Target {
    let input =
        "input#newsletter-email[name=email][type=email][aria-label=Your email][placeholder=you@example\\.com]:1/2/1/1";
    Target { id: Some("newsletter-email"), ..target(in_main(&format!("{NEWSLETTER}>{input}")), "input", "") }
}

pub(super) fn newsletter_button() -> Target {
    target(in_main(&format!("{NEWSLETTER}>button.button{AMBER}[type=submit]:2/2/1/1")), "button", "Sign up")
}

const ACCOUNT: &str = "nav#account.flex.items-center.gap-2[aria-label=Account and cart]:3/3/1/1";

pub(super) fn log_in_link() -> Target {
    link(header(&format!("{ACCOUNT}>a.header-link.text-sm[href=/login]:1/2/1/2")), "Log in", "/login")
}

pub(super) fn log_out() -> Target {
    let button = "button#logout.header-link.text-sm[type=button]:2/3/1/1";
    Target { id: Some("logout"), ..target(header(&format!("{ACCOUNT}>{button}")), "button", "Log out") }
}

pub(super) fn cart_link(items: u32, logged_in: bool) -> Target {
    let place = if logged_in { "3/3/1/1" } else { "2/2/2/2" };
    let count = if items > 0 { items.to_string() } else { String::new() };
    let rest = format!("{ACCOUNT}>a.header-link.cart-link[href=/cart][aria-label=Cart, {items} items]:{place}");
    link(header(&rest), &count, "/cart")
}

pub(super) fn brand() -> Target {
    let rest = "a.brand.flex.items-center.gap-2[href=/][aria-label=Tarn & Tor, home]:1/3/1/1>span:2/2/1/1";
    Target { href: Some("/".to_owned()), ..target(header(rest), "span", "Tarn & Tor") }
}

const COLUMNS: &str = "section.wrap:1/1/1/1>div.columns:2/2/1/1";

pub(super) fn to_checkout() -> Target {
    let rest = format!("{COLUMNS}>aside.panel.rounded-xl:2/2/1/1>a.button.w-full{AMBER}[href=/checkout]:3/3/1/1");
    link(in_main(&rest), "Go to checkout", "/checkout")
}

/// The buttons of a cart's line: `less`, `more` or `remove`.
pub(super) fn line_button(action: &str, slug: &str, place: usize, of: usize) -> Target {
    let (button, text) = match action {
        "less" => (format!("button[type=button][aria-label=One less][data-id={slug}][data-action=less]:1/4/1/3"), "−"),
        "more" => (format!("button[type=button][aria-label=One more][data-id={slug}][data-action=more]:3/4/2/3"), "+"),
        _ => (format!("button.link.text-sm[type=button][data-id={slug}][data-action=remove]:4/4/3/3"), "Remove"),
    };
    let line = format!("ul.lines:1/2/1/1>li.line.rounded-xl:{place}/{of}/{place}/{of}>div.line-text:2/3/1/1");
    let rest = format!("{COLUMNS}>{line}>div.stepper.flex.items-center.gap-2:3/3/1/1>{button}");
    target(in_main(&rest), "button", text)
}

const MODAL: &str =
    "section.wrap:1/1/1/1>div.checkout_modal.rounded-xl.shadow-lg[role=region][aria-label=Checkout]:1/1/1/1";

pub(super) fn confirm() -> Target {
    let button = format!("a.btn.button.w-full{AMBER}[role=button][href=/checkout][data-action=confirm]:4/5/1/2");
    link(in_main(&format!("{MODAL}>aside:2/2/1/1>{button}")), "Confirm Order", "/checkout")
}

pub(super) fn back_to_cart() -> Target {
    let rest = format!("{MODAL}>aside:2/2/1/1>a.link.text-sm.back[href=/cart]:5/5/2/2");
    link(in_main(&rest), "Back to cart", "/cart")
}

/// The checkout's fields, in the order in which people fill them.
pub(super) fn checkout_field(at: usize) -> Target {
    let place = [
        "div.two:2/3/1/1>label.field[for=checkout-name]:1/2/1/2",
        "div.two:2/3/1/1>label.field[for=checkout-email]:2/2/2/2",
        "label.field[for=checkout-address]:3/3/1/1",
        "label.field[for=checkout-card]:2/3/1/1",
    ][at];
    let (id, kind, placeholder) = [
        ("checkout-name", "text", ""),
        ("checkout-email", "email", ""),
        ("checkout-address", "text", ""),
        ("checkout-card", "text", "0000 0000 0000 0000"),
    ][at];
    // What looks like a card number is never captured.
    let placeholder = if placeholder.is_empty() { "[placeholder=]" } else { "" };
    let fieldset = if at < 3 { "fieldset:3/4/1/2" } else { "fieldset:4/4/2/2" };
    let form = format!("form#checkout-form:1/2/1/1>{fieldset}>{place}");
    let chain = in_main(&format!("{MODAL}>{form}>input#{id}[name={id}][type={kind}]{placeholder}:2/2/1/1"));
    Target { id: Some(id), ..target(chain, "input", "") }
}

const LOGIN: &str = "section.wrap.narrow:1/1/1/1>form#login.panel.rounded-xl.shadow-sm:1/1/1/1";

pub(super) fn login_email() -> Target {
    let input = "input#login-email[name=login-email][type=email][placeholder=you@example\\.com]:2/2/1/1";
    let chain = in_main(&format!("{LOGIN}>label.field[for=login-email]:3/6/1/3>{input}"));
    Target { id: Some("login-email"), ..target(chain, "input", "") }
}

pub(super) fn login_button() -> Target {
    let chain = in_main(&format!("{LOGIN}>button#login-submit.button.w-full{AMBER}[type=submit]:6/6/1/1"));
    Target { id: Some("login-submit"), ..target(chain, "button", "Log in") }
}

pub(super) fn login_form() -> Target {
    Target { id: Some("login"), ..target(in_main(LOGIN), "form", "") }
}

#[cfg(test)]
mod tests {
    use cairn_model::chain;

    use super::*;

    #[test]
    fn all_chains_are_chains() {
        let at = Card { related: false, place: 2, of: 10 };
        let mut all = vec![hero(), search(), newsletter_form(), newsletter_email(), newsletter_button(), log_in_link()];
        all.extend([log_out(), cart_link(2, true), brand(), to_checkout(), confirm(), back_to_cart(), login_email()]);
        all.extend([login_button(), login_form(), line_button("less", "ember-stove", 1, 2), chip(3)]);
        all.extend((0..4).map(checkout_field));
        for product in &PRODUCTS {
            all.extend([
                card_title(product, at),
                card_picture(product, at, true),
                card_add(product, at),
                item_add(product),
            ]);
        }
        for target in all {
            chain::validate(&target.chain).unwrap_or_else(|error| panic!("{}: {error}", target.chain));
            let chain = chain::Chain::parse(&target.chain).unwrap();
            assert_eq!(chain.target().tag(), target.tag);
            assert_eq!(chain.target().id(), target.id);
        }
    }
}
