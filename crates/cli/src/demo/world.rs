//! Where visitors come from, what they carry, and when they come.

use super::random::Random;

/// A browser on a device.
pub(super) struct Device {
    pub(super) browser: &'static str,
    pub(super) version: &'static str,
    pub(super) os: &'static str,
    pub(super) device: &'static str,
    pub(super) viewport: (u32, u32),
    weight: f64,
}

const fn device(
    browser: &'static str,
    version: &'static str,
    os: &'static str,
    device: &'static str,
    viewport: (u32, u32),
    weight: f64,
) -> Device {
    Device { browser, version, os, device, viewport, weight }
}

const DEVICES: [Device; 14] = [
    device("Chrome", "142", "Windows", "desktop", (1536, 730), 16.0),
    device("Chrome", "142", "Windows", "desktop", (1920, 953), 10.0),
    device("Chrome", "141", "macOS", "desktop", (1440, 789), 7.0),
    device("Safari", "18", "macOS", "desktop", (1512, 858), 7.0),
    device("Edge", "142", "Windows", "desktop", (1920, 945), 6.0),
    device("Firefox", "145", "Windows", "desktop", (1920, 931), 4.0),
    device("Firefox", "145", "Linux", "desktop", (2560, 1303), 2.0),
    device("Safari", "18", "iOS", "mobile", (390, 664), 15.0),
    device("Safari", "26", "iOS", "mobile", (402, 681), 9.0),
    device("Chrome", "142", "Android", "mobile", (412, 785), 15.0),
    device("Chrome", "140", "Android", "mobile", (360, 668), 5.0),
    device("Samsung Internet", "28", "Android", "mobile", (384, 726), 3.0),
    device("Safari", "18", "iPadOS", "tablet", (820, 1106), 2.5),
    device("Chrome", "142", "Android", "tablet", (800, 1208), 1.0),
];

/// A place on earth.
pub(super) struct Home {
    pub(super) country: &'static str,
    pub(super) zone: &'static str,
    pub(super) language: &'static str,
    weight: f64,
}

const fn home(country: &'static str, zone: &'static str, language: &'static str, weight: f64) -> Home {
    Home { country, zone, language, weight }
}

const HOMES: [Home; 16] = [
    home("United States", "America/New_York", "en-US", 13.0),
    home("United States", "America/Chicago", "en-US", 7.0),
    home("United States", "America/Los_Angeles", "en-US", 10.0),
    home("United Kingdom", "Europe/London", "en-GB", 16.0),
    home("Germany", "Europe/Berlin", "de-DE", 14.0),
    home("Canada", "America/Toronto", "en-CA", 6.0),
    home("Canada", "America/Vancouver", "en-CA", 3.0),
    home("France", "Europe/Paris", "fr-FR", 6.0),
    home("Netherlands", "Europe/Amsterdam", "nl-NL", 4.0),
    home("Switzerland", "Europe/Zurich", "de-CH", 3.5),
    home("Austria", "Europe/Vienna", "de-AT", 3.0),
    home("Norway", "Europe/Oslo", "nb-NO", 2.5),
    home("Sweden", "Europe/Stockholm", "sv-SE", 2.5),
    home("Australia", "Australia/Sydney", "en-AU", 3.5),
    home("New Zealand", "Pacific/Auckland", "en-NZ", 1.5),
    home("Japan", "Asia/Tokyo", "ja-JP", 2.0),
];

/// How somebody came to the shop.
#[derive(Clone, Copy, Default)]
pub(super) struct Source {
    pub(super) referrer: Option<&'static str>,
    /// source, medium, campaign
    pub(super) utm: Option<(&'static str, &'static str, &'static str)>,
    /// The part of the address after the question mark.
    pub(super) query: Option<&'static str>,
}

const fn source(referrer: Option<&'static str>) -> Source {
    Source { referrer, utm: None, query: None }
}

const SOURCES: [(Source, f64); 7] = [
    (source(None), 34.0),
    (source(Some("https://www.google.com/")), 36.0),
    (source(Some("https://duckduckgo.com/")), 5.0),
    (source(Some("https://www.bing.com/")), 4.0),
    (source(Some("https://trailnotes.example/best-two-person-tents")), 7.0),
    (source(Some("https://www.reddit.com/")), 5.0),
    (
        Source {
            referrer: Some("https://www.google.com/"),
            utm: Some(("google", "cpc", "tents-search")),
            query: Some("utm_source=google&utm_medium=cpc&utm_campaign=tents-search"),
        },
        9.0,
    ),
];

/// What the campaign's mails lead to.
const CAMPAIGN: Source = Source {
    referrer: None,
    utm: Some(("newsletter", "email", "autumn-sale")),
    query: Some("utm_source=newsletter&utm_medium=email&utm_campaign=autumn-sale"),
};

/// The history's days; the last is the day it ends.
pub(super) const DAYS: usize = 90;
/// The days of the campaign.
const CAMPAIGN_DAYS: std::ops::Range<usize> = 58..62;

/// How busy each hour is, by the visitor's own clock.
const HOURS: [f64; 24] = [
    1.2, 0.7, 0.4, 0.3, 0.3, 0.6, 1.5, 2.8, 3.8, 4.4, 4.8, 5.0, 5.6, 5.0, 4.6, 4.5, 4.8, 5.4, 6.2, 7.4, 8.2, 7.8, 5.6,
    2.9,
];
/// How busy each weekday is, from Monday.
const WEEKDAYS: [f64; 7] = [1.0, 0.94, 0.95, 1.0, 0.97, 1.14, 1.38];

/// Crawlers that run scripts.
pub(super) const BOTS: [&str; 3] = ["Googlebot", "bingbot", "HeadlessChrome"];

pub(super) fn pick_device(random: &mut Random) -> &'static Device {
    &DEVICES[random.weighted(DEVICES.iter().map(|device| device.weight))]
}

/// A phone, for those who have a second device.
pub(super) fn pick_phone(random: &mut Random) -> &'static Device {
    let weight = |device: &Device| if device.device == "mobile" { device.weight } else { 0.0 };
    &DEVICES[random.weighted(DEVICES.iter().map(weight))]
}

pub(super) fn pick_home(random: &mut Random) -> &'static Home {
    &HOMES[random.weighted(HOMES.iter().map(|home| home.weight))]
}

pub(super) fn pick_source(random: &mut Random, day: usize) -> Source {
    if CAMPAIGN_DAYS.contains(&day) && random.chance(0.55) {
        return CAMPAIGN;
    }
    SOURCES[random.weighted(SOURCES.iter().map(|(_, weight)| *weight))].0
}

/// How busy a day is: slow growth, weekdays, the campaign.
pub(super) fn day_weight(day: usize, weekday: usize) -> f64 {
    let growth = 1.0 + 0.4 * day as f64 / DAYS as f64;
    let campaign = if CAMPAIGN_DAYS.contains(&day) { 2.1 } else { 1.0 };
    growth * WEEKDAYS[weekday % 7] * campaign
}

pub(super) fn pick_hour(random: &mut Random) -> usize {
    random.weighted(HOURS.into_iter())
}
