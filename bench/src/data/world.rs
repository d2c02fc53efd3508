//! What there is to see and to be: pages, elements, places. Events refer to it by index.

use super::{chains, words};
use crate::random::{Rng, Weighted, mix};

const PATHS: u32 = 2_000;
const CHAINS: u32 = 8_000;
const TEXTS: u32 = 5_000;
const HREFS: u32 = 3_000;
/// Elements of every page: header and footer.
const COMMON_CHAINS: u32 = 400;
const CITIES: u32 = 3_000;
const REGIONS: u32 = 800;
const COUNTRIES: u32 = 120;
const BROWSERS: [&str; 8] =
    ["Chrome", "Safari", "Edge", "Firefox", "Samsung Internet", "Opera", "DuckDuckGo", "Vivaldi"];

/// All vocabularies, and how often each entry is drawn.
#[derive(Debug)]
pub struct World {
    /// Paths, with a title each.
    pub paths: Vec<String>,
    /// Titles by path.
    pub titles: Vec<String>,
    /// Element chains.
    pub chains: Vec<String>,
    /// Texts; [`World::text_of`] a chain.
    pub texts: Vec<String>,
    /// Links; [`World::href_of`] a chain.
    pub hrefs: Vec<String>,
    /// Referring pages.
    pub referrers: Vec<String>,
    /// Campaign sources.
    pub sources: Vec<String>,
    /// Browsers.
    pub browsers: Vec<String>,
    /// Kinds of device.
    pub devices: Vec<String>,
    /// Cities; city `c` is in region `c % regions`.
    pub cities: Vec<String>,
    /// Regions; region `r` is in country `r % countries`.
    pub regions: Vec<String>,
    /// Countries.
    pub countries: Vec<String>,
    /// Names of custom events.
    pub names: Vec<String>,
    /// Plans.
    pub plans: Vec<String>,
    pub(super) path: Weighted,
    pub(super) common: Weighted,
    pub(super) own: Weighted,
    pub(super) referrer: Weighted,
    pub(super) browser: Weighted,
    pub(super) city: Weighted,
}

/// An index as events hold it.
pub fn code(index: u32) -> u16 {
    u16::try_from(index).unwrap_or(u16::MAX)
}

impl World {
    /// The world of a seed.
    pub fn new(seed: u64) -> Self {
        let mut rng = Rng::new(seed, u64::MAX);
        let slugs: Vec<String> = (0..PATHS).map(words::slug).collect();
        let hrefs: Vec<String> = (0..HREFS).map(|at| format!("/go/{}", words::slug(at))).collect();
        let chain =
            |at| chains::chain(&mut Rng::new(seed, at), at as u32, href_at(at as u32).map(|at| &*hrefs[at as usize]));
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let mut places = |count: u32| (0..count).map(|at| words::place(&mut rng, at)).collect::<Vec<_>>();
        Self {
            paths: slugs.iter().map(|slug| format!("/products/{slug}")).collect(),
            titles: slugs.iter().map(|slug| format!("{} · Harbour Goods", words::title(slug))).collect(),
            chains: (0..u64::from(CHAINS)).map(chain).collect(),
            texts: (0..TEXTS).map(|at| format!("See {}", words::title(&words::slug(at)))).collect(),
            referrers: (0..200).map(|at| format!("https://site-{at}.example/{}", words::slug(at))).collect(),
            sources: owned(&["newsletter", "google", "bing", "partner", "spring", "podcast", "social", "video"]),
            browsers: (0..40).map(|at| format!("{} {}", BROWSERS[at % 8], 138 - at / 8)).collect(),
            devices: owned(&["desktop", "mobile", "tablet"]),
            cities: places(CITIES),
            regions: places(REGIONS),
            countries: places(COUNTRIES),
            names: owned(&["Order Placed", "Signed Up", "Logged In", "Added To Cart", "Searched", "Shared"]),
            plans: owned(&["free", "pro", "team", "enterprise"]),
            path: Weighted::zipf(PATHS, 5.0),
            common: Weighted::zipf(COMMON_CHAINS, 2.0),
            own: Weighted::zipf(16, 1.0),
            referrer: Weighted::zipf(200, 1.0),
            browser: Weighted::zipf(40, 0.0),
            city: Weighted::zipf(CITIES, 10.0),
            hrefs,
        }
    }

    /// The text of a chain's target.
    pub fn text_of(&self, chain: u16) -> usize {
        usize::from(chain) * TEXTS as usize / CHAINS as usize
    }

    /// Where a chain's target leads, if it is a link.
    pub fn href_of(&self, chain: u16) -> Option<usize> {
        href_at(u32::from(chain)).map(|at| at as usize)
    }

    /// The region of a city.
    pub fn region_of(&self, city: u16) -> usize {
        usize::from(city) % self.regions.len()
    }

    /// The country of a city.
    pub fn country_of(&self, city: u16) -> usize {
        self.region_of(city) % self.countries.len()
    }

    /// An element of a page: of all pages, or one of its own.
    pub(super) fn target_on(&self, rng: &mut Rng, path: u16) -> u16 {
        code(if rng.percent(35.0) {
            self.common.draw(rng)
        } else {
            let own = u32::from(path) * 37 + self.own.draw(rng) * 11;
            COMMON_CHAINS + own % (CHAINS - COMMON_CHAINS)
        })
    }
}

/// Two in three elements are links.
fn href_at(chain: u32) -> Option<u32> {
    (!mix(u64::from(chain)).is_multiple_of(3)).then_some(chain * HREFS / CHAINS)
}
