//! What the server adds to events: browser, system and device from the user agent, place from address or time zone.
//!
//! What it knows replaces what the sender said under the same name; what it does not know stays as sent. The address
//! is used for the look-up and dropped.

mod agent;
mod agents;
mod place;
mod zones;

use std::net::IpAddr;

use cairn_model::{Value, parse::Draft};

pub(crate) use agent::Agent;
pub(crate) use agents::Agents;
pub(crate) use place::{GeoFile, Place};

/// What is known of the sender of one request.
#[derive(Debug, Default)]
pub(crate) struct Facts<'a> {
    pub(crate) agent: Option<&'a Agent>,
    pub(crate) place: Option<&'a Place>,
    /// The last time zone seen and its country: a request's events mostly come from one.
    zone: Option<(String, Option<&'static str>)>,
}

impl<'a> Facts<'a> {
    pub(crate) fn new(agent: Option<&'a Agent>, place: Option<&'a Place>) -> Self {
        Self { agent, place, zone: None }
    }

    /// Adds what is known to an event's properties.
    pub(crate) fn add_to<'d>(&mut self, event: &mut Draft<'d>)
    where
        'a: 'd,
    {
        let of_place = self.place.and_then(|place| place.country.as_deref());
        let country = of_place.or_else(|| self.country_of_zone(event));
        let mut put = |name: &'static str, value: Option<&'a str>| {
            if let Some(value) = value {
                event.set(name, Value::from(value));
            }
        };
        put("country", country);
        if let Some(place) = self.place {
            put("city", place.city.as_deref());
            put("region", place.region.as_deref());
        }
        if let Some(agent) = self.agent {
            put("browser", agent.browser.as_deref());
            put("browser_version", agent.browser_version.as_deref());
            put("device", agent.device);
            put("os", agent.os.as_deref());
            if agent.bot {
                event.set("bot", Value::Bool(true));
            }
        }
    }

    fn country_of_zone(&mut self, event: &Draft<'_>) -> Option<&'static str> {
        let zone = event.text_of("time_zone")?;
        if let Some((last, country)) = &self.zone
            && last == zone
        {
            return *country;
        }
        let country = zones::country(zone);
        self.zone = Some((zone.to_owned(), country));
        country
    }
}

/// Where senders are, if a file that knows it was given.
#[derive(Default)]
pub(crate) struct Enricher {
    pub(crate) agents: Agents,
    pub(crate) geo: Option<GeoFile>,
}

impl Enricher {
    pub(crate) fn place(&self, address: IpAddr) -> Option<Place> {
        self.geo.as_ref()?.place(address)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use cairn_model::{Message, Properties, TimeMs, parse};

    use super::*;

    const NOW: TimeMs = TimeMs(1_764_000_000_000);

    fn properties(pairs: &[(&'static str, &'static str)]) -> Properties<'static> {
        Properties::from_pairs(pairs.iter().map(|(name, value)| ((*name).into(), Value::from(*value))).collect())
    }

    /// What becomes of the properties of an event that was sent with `pairs`.
    fn enriched(mut facts: Facts<'_>, pairs: &[(&'static str, &'static str)]) -> Properties<'static> {
        let sent = serde_json::to_string(&properties(pairs)).unwrap();
        let json = format!(r#"{{"type": "click", "user_id": 1, "event_id": 2, "time": {NOW}, "properties": {sent}}}"#);
        let mut draft = parse::parse_message(&json).unwrap();
        facts.add_to(&mut draft);
        match draft.finish(NOW, 0).unwrap().into_owned() {
            Message::Event(event) => event.properties,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_the_server_knows_replaces_what_was_sent_and_the_rest_stays() {
        let agent = Agent::of("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0");
        let sent = [("browser", "Mosaic"), ("city", "Bonn"), ("path", "/"), ("time_zone", "Asia/Calcutta")];
        let expected = properties(&[
            ("browser", "Firefox"),
            ("browser_version", "145"),
            ("city", "Bonn"),
            ("country", "India"),
            ("device", "desktop"),
            ("os", "Linux"),
            ("path", "/"),
            ("time_zone", "Asia/Calcutta"),
        ]);
        assert_eq!(enriched(Facts::new(Some(&agent), None), &sent), expected);
    }

    #[test]
    fn a_place_beats_the_time_zone() {
        let place = Place { country: Some("Norway".into()), region: None, city: Some("Oslo".into()) };
        let by_place = enriched(Facts::new(None, Some(&place)), &[("time_zone", "Europe/Berlin")]);
        assert_eq!(by_place, properties(&[("city", "Oslo"), ("country", "Norway"), ("time_zone", "Europe/Berlin")]));
        for (zone, country) in [("Europe/Berlin", Some("Germany")), ("Europe/Oslo", Some("Norway")), ("UTC", None)] {
            let event = enriched(Facts::default(), &[("time_zone", zone)]);
            assert_eq!(event.get("country").and_then(Value::as_str), country);
        }
    }

    #[test]
    fn the_time_zone_may_change_within_a_request() {
        let mut facts = Facts::default();
        for (zone, country) in [("Europe/Berlin", "Germany"), ("Europe/Oslo", "Norway"), ("Europe/Oslo", "Norway")] {
            let json = format!(r#"{{"properties": {{"time_zone": "{zone}"}}}}"#);
            let mut draft = parse::parse_message(&json).unwrap();
            facts.add_to(&mut draft);
            assert_eq!(draft.text_of("country"), Some(country));
        }
    }

    #[test]
    fn a_bot_is_marked() {
        let agent = Agent::of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)");
        let event = enriched(Facts::new(Some(&agent), None), &[]);
        assert_eq!(event.get("bot"), Some(&Value::Bool(true)));
    }
}
