//! Who may look at a site through the visualizer: a ticket, made for whoever is signed in, is exchanged once, by a page of the site that
//! it was made for, for a token that an hour later is none. Only digests are kept, and only until the server stops.

use std::sync::{Mutex, MutexGuard, PoisonError};

use cairn_model::{ProjectId, TimeMs};
use hashbrown::HashMap;
use serde::Serialize;

use crate::engine::{Digest, token_digest};

/// The site has so long to load.
pub(crate) const TICKET_MS: i64 = 5 * 60_000;
const TOKEN_MS: i64 = 3_600_000;
/// Tickets and tokens at once; beyond it, those that end first are dropped.
const GRANTS_MAX: usize = 1_000;
const ORIGIN_BYTES_MAX: usize = 300;

/// What a ticket or a token is good for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    pub(crate) project: ProjectId,
    /// The site's, as browsers write it: no page of another one may use it.
    pub(crate) origin: String,
    /// Where the web app is, for links to it.
    pub(crate) app: String,
    /// The session of whoever asked for it: it ends with that.
    pub(crate) session: Option<Digest>,
}

/// A ticket or a token as its project's people see it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Listed {
    /// Names it, and opens nothing.
    pub(crate) id: String,
    pub(crate) origin: String,
    /// Whether the site has loaded the visualizer.
    pub(crate) open: bool,
    pub(crate) expires_at: TimeMs,
}

/// Why a ticket or a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denied {
    /// Unknown, used, expired or ended.
    Over,
    /// It is of another site.
    Origin,
}

#[derive(Clone)]
struct Held {
    grant: Grant,
    /// Of a token, that of its ticket, too.
    id: String,
    open: bool,
    expires_at: TimeMs,
}

/// All that are good now.
#[derive(Default)]
pub(crate) struct Visualizers {
    held: Mutex<HashMap<Digest, Held>>,
}

impl Visualizers {
    /// Takes a new ticket; its id, and when it expires.
    pub(crate) fn add_ticket(&self, ticket: &str, grant: Grant, now: TimeMs) -> (String, TimeMs) {
        let digest = token_digest(ticket);
        let id: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let expires_at = TimeMs(now.0 + TICKET_MS);
        let mut held = self.lock();
        held.retain(|_, held| held.expires_at > now);
        if held.len() >= GRANTS_MAX {
            let first = held.iter().min_by_key(|(_, held)| held.expires_at).map(|(digest, _)| *digest);
            first.and_then(|digest| held.remove(&digest));
        }
        held.insert(digest, Held { grant, id: id.clone(), open: false, expires_at });
        (id, expires_at)
    }

    /// Puts `token` in the place of a ticket, which is over, whoever brought it: two who have it cannot both be meant.
    pub(crate) fn exchange(
        &self,
        ticket: &str,
        origin: &str,
        token: &str,
        now: TimeMs,
    ) -> Result<(Grant, TimeMs), Denied> {
        let mut held = self.lock();
        let digest = token_digest(ticket);
        let known = held.get(&digest).is_some_and(|held| !held.open);
        let ticket = if known { held.remove(&digest) } else { None };
        let ticket = ticket.filter(|ticket| ticket.expires_at > now).ok_or(Denied::Over)?;
        if ticket.grant.origin != origin {
            return Err(Denied::Origin);
        }
        let open = Held { open: true, expires_at: TimeMs(now.0 + TOKEN_MS), ..ticket };
        let answer = (open.grant.clone(), open.expires_at);
        held.insert(token_digest(token), open);
        Ok(answer)
    }

    /// What `token` allows a page of `origin`.
    pub(crate) fn admit(&self, token: &str, origin: &str, now: TimeMs) -> Result<Grant, Denied> {
        let held = self.lock();
        let open = held.get(&token_digest(token)).filter(|held| held.open && held.expires_at > now);
        let grant = &open.ok_or(Denied::Over)?.grant;
        if grant.origin == origin { Ok(grant.clone()) } else { Err(Denied::Origin) }
    }

    /// Whether a page of `origin` may ask at all.
    pub(crate) fn knows_origin(&self, origin: &str, now: TimeMs) -> bool {
        self.lock().values().any(|held| held.grant.origin == origin && held.expires_at > now)
    }

    pub(crate) fn list(&self, project: ProjectId, now: TimeMs) -> Vec<Listed> {
        let held = self.lock();
        let own = held.values().filter(|held| held.grant.project == project && held.expires_at > now);
        let mut list: Vec<Listed> = own
            .map(|held| Listed {
                id: held.id.clone(),
                origin: held.grant.origin.clone(),
                open: held.open,
                expires_at: held.expires_at,
            })
            .collect();
        list.sort_by(|a, b| (a.expires_at, &a.id).cmp(&(b.expires_at, &b.id)));
        list
    }

    pub(crate) fn end(&self, token: &str) {
        self.lock().remove(&token_digest(token));
    }

    pub(crate) fn end_all(&self, project: ProjectId) {
        self.lock().retain(|_, held| held.grant.project != project);
    }

    pub(crate) fn end_session(&self, session: &Digest) {
        self.lock().retain(|_, held| held.grant.session.as_ref() != Some(session));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, Held>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether `text` is an origin as a browser sends it: scheme, host in lower case, and a port that is not the scheme's own.
pub(crate) fn is_origin(text: &str) -> bool {
    let (rest, own_port) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(rest), _) => (rest, "443"),
        (_, Some(rest)) => (rest, "80"),
        _ => return false,
    };
    let (host, port) = match rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) => {
            let is_address = address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
            (
                if is_address { "v6" } else { "" },
                port.strip_prefix(':').or(if port.is_empty() { None } else { Some("") }),
            )
        }
        None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_');
    let port_fits = port.is_none_or(|port| {
        port != own_port && port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port)
    });
    text.len() <= ORIGIN_BYTES_MAX && !host.is_empty() && host.bytes().all(plain) && port_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHOP: &str = "https://shop.example";

    fn grant() -> Grant {
        let session = Some(token_digest("session"));
        Grant {
            project: ProjectId::parse("1").unwrap(),
            origin: SHOP.into(),
            app: "https://cairn.example".into(),
            session,
        }
    }

    fn opened() -> Visualizers {
        let all = Visualizers::default();
        all.add_ticket("ticket", grant(), TimeMs(0));
        all.exchange("ticket", SHOP, "token", TimeMs(0)).unwrap();
        all
    }

    #[test]
    fn a_ticket_is_exchanged_once() {
        let all = Visualizers::default();
        all.add_ticket("ticket", grant(), TimeMs(0));
        assert_eq!(all.admit("ticket", SHOP, TimeMs(0)), Err(Denied::Over), "a ticket is no token");
        let (got, expires_at) = all.exchange("ticket", SHOP, "token", TimeMs(TICKET_MS - 1)).unwrap();
        assert_eq!((got, expires_at), (grant(), TimeMs(TICKET_MS - 1 + TOKEN_MS)));
        assert_eq!(all.exchange("ticket", SHOP, "second", TimeMs(TICKET_MS - 1)), Err(Denied::Over));
        assert_eq!(all.admit("second", SHOP, TimeMs(0)), Err(Denied::Over));
        assert_eq!(all.exchange("token", SHOP, "third", TimeMs(TICKET_MS)), Err(Denied::Over), "a token is no ticket");
        assert_eq!(all.admit("token", SHOP, TimeMs(TICKET_MS)), Ok(grant()), "and stays one");
    }

    #[test]
    fn a_ticket_expires_and_another_site_uses_it_up() {
        let all = Visualizers::default();
        all.add_ticket("late", grant(), TimeMs(0));
        assert_eq!(all.exchange("late", SHOP, "token", TimeMs(TICKET_MS)), Err(Denied::Over));
        all.add_ticket("stolen", grant(), TimeMs(0));
        assert_eq!(all.exchange("stolen", "https://evil.example", "token", TimeMs(1)), Err(Denied::Origin));
        assert_eq!(all.exchange("stolen", SHOP, "token", TimeMs(1)), Err(Denied::Over));
    }

    #[test]
    fn a_token_is_of_one_site_and_expires() {
        let all = opened();
        assert_eq!(all.admit("token", SHOP, TimeMs(TOKEN_MS - 1)), Ok(grant()));
        assert_eq!(all.admit("token", SHOP, TimeMs(TOKEN_MS)), Err(Denied::Over));
        assert_eq!(all.admit("token", "https://shop.example:8443", TimeMs(1)), Err(Denied::Origin));
        assert!(all.knows_origin(SHOP, TimeMs(TOKEN_MS - 1)) && !all.knows_origin(SHOP, TimeMs(TOKEN_MS)));
        assert!(!all.knows_origin("https://evil.example", TimeMs(0)));
    }

    #[test]
    fn tokens_end_by_themselves_with_their_session_and_with_their_project() {
        let ends: [&dyn Fn(&Visualizers); 3] =
            [&|all| all.end("token"), &|all| all.end_session(&token_digest("session")), &|all| {
                all.end_all(grant().project)
            }];
        for end in ends {
            let all = opened();
            assert!(all.list(grant().project, TimeMs(1)).iter().all(|listed| listed.open));
            end(&all);
            assert_eq!(all.admit("token", SHOP, TimeMs(1)), Err(Denied::Over));
            assert_eq!(all.list(grant().project, TimeMs(1)), []);
        }
        let all = opened();
        all.end_session(&token_digest("another"));
        all.end_all(ProjectId::parse("2").unwrap());
        assert!(all.admit("token", SHOP, TimeMs(1)).is_ok());
    }

    #[test]
    fn there_are_only_so_many() {
        let all = Visualizers::default();
        for n in 0..=GRANTS_MAX {
            all.add_ticket(&n.to_string(), grant(), TimeMs(n as i64));
        }
        assert_eq!(all.list(grant().project, TimeMs(0)).len(), GRANTS_MAX);
        assert_eq!(all.exchange("0", SHOP, "token", TimeMs(1)), Err(Denied::Over));
        assert!(all.exchange("1", SHOP, "token", TimeMs(1)).is_ok());
    }

    #[test]
    fn origins_are_as_browsers_write_them() {
        for origin in [
            "https://shop.example",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "https://xn--bcher-kva.example",
            "http://a_b.example:443",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        let wrong = [
            "",
            "null",
            "*",
            "shop.example",
            "//shop.example",
            "ftp://shop.example",
            "https://",
            "https://shop.example/",
            "https://Shop.example",
            "https://shop.example:443",
            "http://shop.example:80",
            "https://shop.example:0",
            "https://shop.example:080",
            "https://shop.example:x",
            "https://shop.example:",
            "https://u@shop.example",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://shop.example ",
            "http://[::1",
            "http://[::01]",
            "http://[::1]x",
            "https://bücher.example",
            "https://a\r\nb",
        ];
        for text in wrong {
            assert!(!is_origin(text), "{text:?}");
        }
    }
}
