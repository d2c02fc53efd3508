//! Who may use the API: whoever has the token, as a header or exchanged for a session's cookie.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use cairn_model::TimeMs;
use hashbrown::HashMap;
use serde::Deserialize;
use serde_json::json;

use crate::{
    address::sender,
    api::JsonBody,
    app::App,
    engine::{Digest, token_digest},
    error::ApiError,
    serve::Peer,
};

const SESSION_MS: i64 = 30 * 24 * 3_600_000;
const SESSIONS_MAX: usize = 10_000;
/// Failed attempts to sign in, of one address in a window.
const ATTEMPTS_MAX: u32 = 10;
const ATTEMPTS_WINDOW_MS: i64 = 60_000;
const ADDRESSES_MAX: usize = 10_000;

#[derive(Default)]
pub(crate) struct Auth {
    /// The digests of session ids, and when they end. Lost when the server stops.
    sessions: Mutex<HashMap<Digest, TimeMs>>,
    /// Failed attempts by address, and when their window began.
    attempts: Mutex<HashMap<IpAddr, (u32, TimeMs)>>,
}

impl Auth {
    fn open_session(&self, id: &str, now: TimeMs) {
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= SESSIONS_MAX {
            sessions.retain(|_, ends| *ends > now);
        }
        if sessions.len() >= SESSIONS_MAX {
            sessions.clear();
        }
        sessions.insert(token_digest(id), TimeMs(now.0 + SESSION_MS));
    }

    fn has_session(&self, id: &str, now: TimeMs) -> bool {
        lock(&self.sessions).get(&token_digest(id)).is_some_and(|ends| *ends > now)
    }

    fn close_session(&self, id: &str) {
        lock(&self.sessions).remove(&token_digest(id));
    }

    /// An error while `address` has failed too often.
    fn check_attempts(&self, address: IpAddr, now: TimeMs) -> Result<(), ApiError> {
        match lock(&self.attempts).get(&address) {
            Some((failed, since)) if *failed >= ATTEMPTS_MAX && now.0 - since.0 < ATTEMPTS_WINDOW_MS => {
                let left_ms = since.0 + ATTEMPTS_WINDOW_MS - now.0;
                Err(ApiError::TooManyAttempts(left_ms.max(0) as u64 / 1000 + 1))
            }
            _ => Ok(()),
        }
    }

    fn failed_attempt(&self, address: IpAddr, now: TimeMs) {
        let mut attempts = lock(&self.attempts);
        if attempts.len() >= ADDRESSES_MAX {
            attempts.clear();
        }
        let attempt = attempts.entry(address).or_insert((0, now));
        if now.0 - attempt.1.0 >= ATTEMPTS_WINDOW_MS {
            *attempt = (0, now);
        }
        attempt.0 += 1;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Lets through whoever may use the API. Stands in front of every route that is not open.
pub(crate) async fn require(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match admit(&app, request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn admit(app: &App, method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if headers.contains_key(header::AUTHORIZATION) {
        let accepted = bearer(headers).is_some_and(|token| app.engine.tokens().accepts(token));
        return if accepted { Ok(()) } else { Err(ApiError::BadToken) };
    }
    if !cookie(headers, app).is_some_and(|id| app.auth.has_session(id, app.engine.now())) {
        return Err(ApiError::SignIn);
    }
    // No other site can make a browser send this header without being asked first.
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if reads || headers.get("x-cairn").is_some_and(|value| value == "1") {
        Ok(())
    } else {
        Err(ApiError::MissingHeader)
    }
}

/// The token that a program sends.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The digest of the session that a request belongs to, if it has a cookie.
pub(crate) fn session_digest(headers: &HeaderMap, app: &App) -> Option<Digest> {
    cookie(headers, app).map(token_digest)
}

/// The prefix makes browsers insist that only this very host set it, by https.
fn cookie_name(app: &App) -> &'static str {
    if app.options.https { "__Host-cairn_session" } else { "cairn_session" }
}

fn cookie<'a>(headers: &'a HeaderMap, app: &App) -> Option<&'a str> {
    let name = cookie_name(app);
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find_map(|(key, value)| (key == name).then_some(value))
}

fn set_cookie(app: &App, value: &str, age_s: i64) -> Result<HeaderValue, ApiError> {
    let secure = if app.options.https { "; Secure" } else { "" };
    let name = cookie_name(app);
    let text = format!("{name}={value}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Strict{secure}");
    HeaderValue::from_str(&text).map_err(|error| ApiError::Internal(error.to_string()))
}

/// What is sent to sign in.
#[derive(Deserialize)]
pub(crate) struct SignIn {
    token: String,
}

/// `POST /api/session`.
pub(crate) async fn sign_in(
    State(app): State<Arc<App>>,
    peer: Option<axum::Extension<Peer>>,
    headers: HeaderMap,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, ApiError> {
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.0);
    let address = household(sender(peer, &headers, &app.options.trusted_proxies));
    let now = app.engine.now();
    app.auth.check_attempts(address, now)?;
    if !app.engine.tokens().signs_in(&body.token) {
        app.auth.failed_attempt(address, now);
        return Err(ApiError::BadToken);
    }
    let id = app.engine.random().token::<32>("").map_err(|error| ApiError::Internal(error.to_string()))?;
    app.auth.open_session(&id, now);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&app, &id, SESSION_MS / 1000)?)]).into_response())
}

/// `GET /api/session`: whoever is let through is signed in.
pub(crate) async fn session() -> Response {
    axum::Json(json!({"signed_in": true})).into_response()
}

/// `DELETE /api/session`.
pub(crate) async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, ApiError> {
    if let Some(id) = cookie(&headers, &app) {
        app.auth.close_session(id);
        app.visualizers.end_session(&token_digest(id));
    }
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, set_cookie(&app, "", 0)?)]).into_response())
}

/// One subscriber has all of a /64.
fn household(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_attempts_are_throttled_by_address_and_forgiven_with_time() {
        let auth = Auth::default();
        let (one, two) = (IpAddr::from([198, 51, 100, 1]), IpAddr::from([198, 51, 100, 2]));
        for n in 0..i64::from(ATTEMPTS_MAX) {
            assert!(auth.check_attempts(one, TimeMs(n)).is_ok());
            auth.failed_attempt(one, TimeMs(n));
        }
        assert!(matches!(auth.check_attempts(one, TimeMs(50)), Err(ApiError::TooManyAttempts(60))));
        assert!(auth.check_attempts(two, TimeMs(50)).is_ok());
        assert!(auth.check_attempts(one, TimeMs(ATTEMPTS_WINDOW_MS)).is_ok());
    }

    #[test]
    fn sessions_end() {
        let auth = Auth::default();
        auth.open_session("a", TimeMs(0));
        assert!(auth.has_session("a", TimeMs(SESSION_MS - 1)));
        assert!(!auth.has_session("a", TimeMs(SESSION_MS)));
        assert!(!auth.has_session("b", TimeMs(0)));
        auth.close_session("a");
        assert!(!auth.has_session("a", TimeMs(0)));
    }
}
