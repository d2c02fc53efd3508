//! One visit: from page to page, as people wander, with what the capture script would have sent.

use cairn_model::{Event, EventId, EventKind, Message, Properties, TimeMs, Value};

use super::{
    random::Random,
    shop::{self, Card, KINDS, PRODUCTS, Target},
    visitor::Visitor,
    world::Source,
};

type Own = Vec<(&'static str, Value<'static>)>;

/// As what is captured in the shop itself has it, so that history and visits are of the same pages.
const DOMAIN: &str = "127.0.0.1";

/// A page of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    Home,
    Item(usize),
    Cart,
    Checkout,
    Login,
}

impl Page {
    fn path(self) -> String {
        match self {
            Page::Home => "/".to_owned(),
            Page::Item(product) => format!("/items/{}", PRODUCTS[product].slug),
            Page::Cart => "/cart".to_owned(),
            Page::Checkout => "/checkout".to_owned(),
            Page::Login => "/login".to_owned(),
        }
    }

    fn title(self) -> String {
        match self {
            Page::Home => "Tarn & Tor · Outdoor gear".to_owned(),
            Page::Item(product) => format!("{} · Tarn & Tor", PRODUCTS[product].name),
            Page::Cart => "Cart · Tarn & Tor".to_owned(),
            Page::Checkout => "Checkout · Tarn & Tor".to_owned(),
            Page::Login => "Log in · Tarn & Tor".to_owned(),
        }
    }
}

/// A visit under way.
pub(super) struct Visit<'v> {
    pub(super) visitor: &'v mut Visitor,
    pub(super) random: Random,
    pub(super) source: Source,
    /// Nothing happens from here on.
    end_ms: i64,
    now_ms: i64,
    sequence: u64,
    session_id: String,
    pub(super) page: Page,
    /// Only the first page's address has a query.
    query: Option<&'static str>,
    messages: Vec<Message<'static>>,
}

impl<'v> Visit<'v> {
    pub(super) fn new(visitor: &'v mut Visitor, random: Random, source: Source, start_ms: i64, end_ms: i64) -> Self {
        // A visit that begins before the last one ended is a later one.
        let now_ms = start_ms.max(visitor.last_ms + 31 * 60_000);
        let mut visit = Self {
            visitor,
            random,
            source,
            end_ms,
            now_ms,
            sequence: 0,
            session_id: String::new(),
            page: Page::Home,
            query: source.query,
            messages: Vec::new(),
        };
        visit.session_id = visit.next_id().to_string();
        visit
    }

    /// The messages, in the order in which they were sent.
    pub(super) fn finish(self) -> Vec<Message<'static>> {
        self.visitor.last_ms = self.now_ms;
        self.messages
    }

    /// Whether the history has ended.
    pub(super) fn is_over(&self) -> bool {
        self.now_ms >= self.end_ms
    }

    /// Comes to the shop.
    pub(super) fn arrive(&mut self, page: Page) {
        self.page = page;
        if !self.visitor.touched {
            self.visitor.touched = true;
            self.first_touch();
        }
        self.event(EventKind::Session, Vec::new());
        self.event(EventKind::Pageview, Vec::new());
    }

    /// Stays a while, then opens a page.
    pub(super) fn open(&mut self, page: Page) {
        self.now_ms += 40;
        self.page = page;
        self.query = None;
        self.event(EventKind::Pageview, Vec::new());
    }

    /// Lets time pass.
    pub(super) fn wait(&mut self, mean_s: f64) {
        self.now_ms += self.random.dwell_ms(mean_s);
    }

    pub(super) fn click(&mut self, target: Target) {
        self.happen(EventKind::Click, target);
    }

    /// Something happens to an element.
    pub(super) fn happen(&mut self, kind: EventKind, target: Target) {
        let mut own: Own = vec![("chain", target.chain.into()), ("target_tag", Value::from(target.tag))];
        own.extend(target.id.map(|id| ("target_id", Value::from(id))));
        own.extend(target.text.map(|text| ("target_text", Value::from(text))));
        own.extend(target.href.map(|href| ("href", Value::from(href))));
        self.event(kind, own);
    }

    /// Buys what is in the cart.
    pub(super) fn order(&mut self) {
        let cart = std::mem::take(&mut self.visitor.cart);
        let total: u32 = cart.iter().map(|(product, quantity)| PRODUCTS[*product].price * quantity).sum();
        let items: u32 = cart.iter().map(|(_, quantity)| quantity).sum();
        let due = total + if total > 150 { 0 } else { 9 };
        let slugs = cart.iter().map(|(product, _)| Value::from(PRODUCTS[*product].slug)).collect();
        let own = vec![
            ("name", Value::from("Order Placed")),
            ("amount", Value::from(f64::from(due))),
            ("items", Value::from(f64::from(items))),
            ("products", Value::Array(slugs)),
        ];
        self.event(EventKind::Custom, own);
    }

    /// Becomes known by the account's address.
    pub(super) fn identify(&mut self) {
        let Some(handle) = self.visitor.handle.clone() else { return };
        self.visitor.logged_in = true;
        let (user_id, time, received_at) = (self.visitor.user_id, TimeMs(self.now_ms), self.received_at());
        if !std::mem::replace(&mut self.visitor.identified, true) {
            self.messages.push(Message::Identify { user_id, handle, time, received_at });
        }
        let plan = Value::from(if self.visitor.club { "club" } else { "free" });
        let set = Properties::from_pairs(vec![("plan".into(), plan)]);
        self.set(set, Properties::default());
    }

    /// Becomes nobody in particular: a new user id, in the same browser.
    pub(super) fn log_out(&mut self) {
        self.visitor.forget(&mut self.random);
        self.session_id = self.next_id().to_string();
        self.visitor.touched = true;
        self.first_touch();
        self.event(EventKind::Session, Vec::new());
    }

    fn first_touch(&mut self) {
        let mut once = vec![("initial_landing_page", Value::from(self.page.path()))];
        once.extend(self.source.referrer.map(|referrer| ("initial_referrer", Value::from(referrer))));
        if let Some((source, medium, campaign)) = self.source.utm {
            once.extend([
                ("initial_utm_source", Value::from(source)),
                ("initial_utm_medium", Value::from(medium)),
                ("initial_utm_campaign", Value::from(campaign)),
            ]);
        }
        let once = once.into_iter().map(|(name, value)| (name.into(), value)).collect();
        self.set(Properties::default(), Properties::from_pairs(once));
    }

    fn set(&mut self, set: Properties<'static>, set_once: Properties<'static>) {
        let (user_id, time, received_at) = (self.visitor.user_id, TimeMs(self.now_ms), self.received_at());
        self.messages.push(Message::SetUserProperties { user_id, time, received_at, set, set_once });
    }

    fn event(&mut self, kind: EventKind, own: Own) {
        if self.is_over() {
            return;
        }
        let id = self.next_id();
        let Some(event_id) = EventId::new(id) else { return };
        let mut pairs = self.facts();
        pairs.extend(own);
        let properties = Properties::from_pairs(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect());
        let (user_id, time, received_at) = (self.visitor.user_id, TimeMs(self.now_ms), self.received_at());
        self.messages.push(Message::Event(Event { user_id, event_id, time, received_at, kind, properties }));
    }

    /// What every event says of page, session and device.
    fn facts(&self) -> Own {
        let (device, home) = (self.visitor.device, self.visitor.home);
        let mut facts = vec![
            ("session_id", Value::from(self.session_id.clone())),
            ("domain", Value::from(DOMAIN)),
            ("path", Value::from(self.page.path())),
            ("title", Value::from(self.page.title())),
            ("viewport_width", Value::from(f64::from(device.viewport.0))),
            ("viewport_height", Value::from(f64::from(device.viewport.1))),
            ("language", Value::from(home.language)),
            ("time_zone", Value::from(home.zone)),
            ("country", Value::from(home.country)),
            ("library", Value::from("web")),
            ("library_version", Value::from(env!("CARGO_PKG_VERSION"))),
        ];
        facts.extend(self.query.map(|query| ("query", Value::from(query))));
        facts.extend(self.source.referrer.map(|referrer| ("referrer", Value::from(referrer))));
        if let Some((source, medium, campaign)) = self.source.utm {
            facts.extend([
                ("utm_source", source.into()),
                ("utm_medium", medium.into()),
                ("utm_campaign", campaign.into()),
            ]);
        }
        match self.visitor.bot {
            Some(name) => facts.extend([("browser", Value::from(name)), ("bot", Value::from(true))]),
            None => facts.extend([
                ("browser", Value::from(device.browser)),
                ("browser_version", Value::from(device.version)),
                ("os", Value::from(device.os)),
                ("device", Value::from(device.device)),
            ]),
        }
        facts
    }

    /// As the capture script makes them: milliseconds, a sequence, 14 random bits.
    fn next_id(&mut self) -> u64 {
        self.sequence = (self.sequence + 1) % 128;
        (self.now_ms as u64) << 21 | self.sequence << 14 | self.random.bits() & 0x3fff
    }

    fn received_at(&self) -> TimeMs {
        TimeMs(self.now_ms + 350)
    }

    /// A card of the home page, or of what goes well with an item.
    pub(super) fn some_card(&mut self, related: bool) -> (usize, Card) {
        let product = self.random.weighted(PRODUCTS.iter().map(|product| product.weight));
        let (place, of) = if related { (1 + self.random.below(3), 3) } else { (product + 1, PRODUCTS.len()) };
        (product, Card { related, place, of })
    }

    /// One of the home page's chips.
    pub(super) fn some_chip(&mut self) -> Target {
        shop::chip(self.random.below(KINDS.len()))
    }
}
