//! Events of the data set as Cairn has them.

use std::borrow::Cow;

use cairn_model::{EventId, EventKind, Properties, TimeMs, UserId, Value};

use super::{Event, TYPES, World};

impl Event {
    /// The same event, as capture would have made it.
    pub fn to_model(&self, world: &World) -> cairn_model::Event<'static> {
        let index = |at: Option<u16>| at.map(usize::from);
        let word = |list: &[String], at: Option<usize>| at.map(|at| Value::from(list[at].clone()));
        let path = Some(usize::from(self.path));
        let pairs = [
            ("name", word(&world.names, index(self.name))),
            ("path", word(&world.paths, path)),
            ("title", word(&world.titles, path)),
            ("href", word(&world.hrefs, self.chain.and_then(|chain| world.href_of(chain)))),
            ("target_text", word(&world.texts, self.chain.map(|chain| world.text_of(chain)))),
            ("chain", word(&world.chains, index(self.chain))),
            ("referrer", word(&world.referrers, index(self.referrer))),
            ("utm_source", word(&world.sources, index(self.source))),
            ("browser", word(&world.browsers, Some(self.browser.into()))),
            ("device", word(&world.devices, Some(self.device.into()))),
            ("country", word(&world.countries, Some(world.country_of(self.city)))),
            ("region", word(&world.regions, Some(world.region_of(self.city)))),
            ("city", word(&world.cities, Some(self.city.into()))),
            ("session_id", Some(Value::from(self.session_id.to_string()))),
            ("plan", word(&world.plans, index(self.plan))),
            ("amount", self.amount.map(Value::from)),
        ];
        let pairs = pairs.into_iter().filter_map(|(name, value)| Some((Cow::Borrowed(name), value?)));
        let time = TimeMs(self.time_ms);
        cairn_model::Event {
            user_id: UserId::clamped(self.user_id),
            event_id: EventId::clamped(self.event_id),
            time,
            received_at: time,
            kind: EventKind::from_name(TYPES[usize::from(self.kind)]).unwrap_or(EventKind::Custom),
            properties: Properties::from_pairs(pairs.collect()),
        }
    }
}
