//! Who comes: a device with its owner, and what its browser keeps between visits.

use cairn_model::UserId;

use super::{
    random::Random,
    world::{self, Device, Home},
};

/// One device of one person.
pub(super) struct Visitor {
    pub(super) user_id: UserId,
    pub(super) device: &'static Device,
    pub(super) home: &'static Home,
    /// The name of the crawler that it is.
    pub(super) bot: Option<&'static str>,
    /// The account's address, of those who have one.
    pub(super) handle: Option<String>,
    pub(super) club: bool,
    /// How eager to buy, around 1.
    pub(super) eagerness: f64,
    /// The person's visits are one of so many on this device.
    pub(super) visits_planned: usize,
    // What the browser keeps:
    pub(super) identified: bool,
    pub(super) logged_in: bool,
    pub(super) touched: bool,
    /// Product and quantity.
    pub(super) cart: Vec<(usize, u32)>,
    /// The last visit's end, in ms.
    pub(super) last_ms: i64,
}

const FIRST_NAMES: [&str; 40] = [
    "maria", "james", "anna", "lukas", "sophie", "oliver", "emma", "noah", "mia", "liam", "lena", "jack", "clara",
    "felix", "hannah", "george", "julia", "paul", "ella", "max", "grace", "tom", "nora", "erik", "ingrid", "lars",
    "camille", "hugo", "chloe", "louis", "yuki", "kenji", "olivia", "ethan", "ava", "mason", "zoe", "daniel", "sarah",
    "ben",
];
const LAST_NAMES: [&str; 40] = [
    "weber",
    "smith",
    "fischer",
    "jones",
    "meyer",
    "taylor",
    "wagner",
    "brown",
    "becker",
    "wilson",
    "hoffmann",
    "evans",
    "schulz",
    "walker",
    "koch",
    "wright",
    "bauer",
    "hughes",
    "richter",
    "green",
    "klein",
    "martin",
    "wolf",
    "bernard",
    "dubois",
    "moreau",
    "hansen",
    "olsen",
    "larsen",
    "johansson",
    "nilsson",
    "devries",
    "jansen",
    "bakker",
    "tanaka",
    "sato",
    "miller",
    "davis",
    "garcia",
    "campbell",
];

/// The share of people with an account.
const ACCOUNTS: f64 = 0.24;
/// The share of these who also come on a phone.
const TWO_DEVICES: f64 = 0.3;

impl Visitor {
    /// The `n`-th person, on one device or two.
    pub(super) fn person(random: &Random, n: usize, visits: usize) -> Vec<Visitor> {
        let mut random = random.fork(1, n as u64);
        let (device, home) = (world::pick_device(&mut random), world::pick_home(&mut random));
        let account = visits > 1 && random.chance(ACCOUNTS);
        let handle = account.then(|| {
            let (first, last) = (random.pick(&FIRST_NAMES), random.pick(&LAST_NAMES));
            // Names repeat; people do not.
            let number = if n < 400 { String::new() } else { (n % 9_973).to_string() };
            format!("{first}.{last}{number}@example.com")
        });
        let first = Visitor {
            user_id: user_id(&mut random),
            device,
            home,
            bot: None,
            handle,
            club: random.chance(0.35),
            eagerness: 0.5 + random.unit(),
            visits_planned: visits,
            identified: false,
            logged_in: false,
            touched: false,
            cart: Vec::new(),
            last_ms: 0,
        };
        if !account || visits < 4 || !random.chance(TWO_DEVICES) {
            return vec![first];
        }
        let on_phone = visits / 3;
        let phone = Visitor {
            user_id: user_id(&mut random),
            device: world::pick_phone(&mut random),
            handle: first.handle.clone(),
            cart: Vec::new(),
            visits_planned: on_phone,
            ..first
        };
        vec![Visitor { visits_planned: visits - on_phone, ..first }, phone]
    }

    /// The `n`-th crawler.
    pub(super) fn crawler(random: &Random, n: usize, visits: usize) -> Visitor {
        let mut random = random.fork(2, n as u64);
        let mut visitor = Visitor::person(&random, n, 1).remove(0);
        visitor.user_id = user_id(&mut random);
        visitor.bot = Some(world::BOTS[n % world::BOTS.len()]);
        visitor.visits_planned = visits;
        visitor
    }

    /// Begins anew, as after a log-out.
    pub(super) fn forget(&mut self, random: &mut Random) {
        self.user_id = user_id(random);
        (self.identified, self.logged_in, self.touched) = (false, false, false);
    }

    /// How many things are in the cart.
    pub(super) fn cart_items(&self) -> u32 {
        self.cart.iter().map(|(_, quantity)| quantity).sum()
    }
}

/// As the capture script draws them: 62 random bits below a 1.
fn user_id(random: &mut Random) -> UserId {
    let id = random.bits() >> 2 | 1 << 62;
    UserId::new(id).unwrap_or_else(|| unreachable!("below 2^63"))
}
