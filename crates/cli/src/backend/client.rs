//! HTTP to a running server.

use std::{io::Read, time::Duration};

use anyhow::{Context, anyhow, bail};
use serde::{Deserialize, de::DeserializeOwned};
use ureq::{Agent, Body, http::Response};

/// Asks one server, with one token.
pub(crate) struct Client {
    agent: Agent,
    base: String,
    token: String,
}

/// An answer's status and body, whatever the status.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// Bytes, and a tag that other bytes have not.
pub(crate) struct Fetched {
    pub(crate) tag: String,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ErrorText,
}

#[derive(Deserialize)]
struct ErrorText {
    message: String,
}

/// Longer than any catalog takes.
const FETCH: Duration = Duration::from_secs(60);
/// Answers longer than this are not expected.
const ANSWER_BYTES: u64 = 256 << 20;

impl Client {
    /// A client of the server at `base`, such as `http://127.0.0.1:7300`.
    pub(crate) fn new(base: &str, token: String) -> anyhow::Result<Self> {
        let base = base.trim().trim_end_matches('/');
        if base.starts_with("https://") {
            bail!("this build of cairn speaks http only: use the server's own address, or a tunnel to it");
        }
        if !base.starts_with("http://") {
            bail!("{base:?} is not the URL of a server, such as http://127.0.0.1:7300");
        }
        // An address copied from the server's output has the sign-in part.
        let base = base.split('?').next().unwrap_or_default().trim_end_matches('/').to_owned();
        let config = Agent::config_builder().http_status_as_error(false).timeout_connect(Some(Duration::from_secs(10)));
        Ok(Self { agent: config.build().into(), base, token })
    }

    /// `GET`, for JSON.
    pub(crate) fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let response = self.agent.get(self.url(path)).header("Authorization", self.bearer()).call();
        self.json(response)
    }

    /// `POST` of JSON, for JSON.
    pub(crate) fn post<T: DeserializeOwned>(&self, path: &str, body: &impl serde::Serialize) -> anyhow::Result<T> {
        self.post_within(None, path, body)
    }

    /// The same. Once `timeout` has passed, the connection is closed, by which the server knows that nobody waits any more.
    pub(crate) fn post_within<T: DeserializeOwned>(
        &self,
        timeout: Option<Duration>,
        path: &str,
        body: &impl serde::Serialize,
    ) -> anyhow::Result<T> {
        let body = serde_json::to_vec(body)?;
        let request = self.agent.post(self.url(path)).header("Authorization", self.bearer());
        let request = request.header("Content-Type", "application/json");
        match (request.config().timeout_global(timeout).build().send(&body[..]), timeout) {
            (Err(ureq::Error::Timeout(_)), Some(timeout)) => {
                bail!("the answer takes longer than {} s: ask for less, or give more --timeout", timeout.as_secs_f64())
            }
            (response, _) => self.json(response),
        }
    }

    /// `PUT` of JSON, for JSON.
    pub(crate) fn put<T: DeserializeOwned>(&self, path: &str, body: &impl serde::Serialize) -> anyhow::Result<T> {
        self.put_bytes(path, "application/json", &serde_json::to_vec(body)?)
    }

    /// `PUT` of bytes, for JSON.
    pub(crate) fn put_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        content_type: &str,
        body: &[u8],
    ) -> anyhow::Result<T> {
        let request = self.agent.put(self.url(path)).header("Authorization", self.bearer());
        self.json(request.header("Content-Type", content_type).send(body))
    }

    /// `DELETE`; false if there was nothing.
    pub(crate) fn delete(&self, path: &str) -> anyhow::Result<bool> {
        let response = self.agent.delete(self.url(path)).header("Authorization", self.bearer()).call();
        let mut response = self.reached(response)?;
        match response.status().as_u16() {
            404 => Ok(false),
            200..300 => Ok(true),
            _ => Err(refused(&mut response)),
        }
    }

    /// `GET`, for a stream.
    pub(crate) fn stream(&self, path: &str) -> anyhow::Result<impl Read + Send + 'static> {
        let response = self.agent.get(self.url(path)).header("Authorization", self.bearer()).call();
        let mut response = self.reached(response)?;
        if !response.status().is_success() {
            return Err(refused(&mut response));
        }
        Ok(response.into_body().into_reader())
    }

    /// `GET` of bytes, unless they are those of this tag.
    pub(crate) fn fetch(&self, path: &str, tag: Option<&str>) -> anyhow::Result<Option<Fetched>> {
        let request = self.agent.get(self.url(path)).header("Authorization", self.bearer());
        let request = tag.into_iter().fold(request, |request, tag| request.header("If-None-Match", tag));
        let request = request.config().timeout_global(Some(FETCH)).build();
        let mut response = self.reached(request.call())?;
        match response.status().as_u16() {
            304 => Ok(None),
            200 => {
                let tag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default();
                let tag = tag.to_owned();
                let bytes = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
                Ok(Some(Fetched { tag, bytes }))
            }
            _ => Err(refused(&mut response)),
        }
    }

    /// `POST` of bytes. An error is one of the connection.
    pub(crate) fn post_bytes(&self, path: &str, body: &[u8]) -> anyhow::Result<Reply> {
        let request = self.agent.post(self.url(path)).header("Authorization", self.bearer());
        let mut response = self.reached(request.header("Content-Type", "application/json").send(body))?;
        let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Reply { status, retry_after: retry_after.map(Duration::from_secs), body })
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    fn reached(&self, response: Result<Response<Body>, ureq::Error>) -> anyhow::Result<Response<Body>> {
        response.with_context(|| format!("the server at {} does not answer; is it running?", self.base))
    }

    fn json<T: DeserializeOwned>(&self, response: Result<Response<Body>, ureq::Error>) -> anyhow::Result<T> {
        let mut response = self.reached(response)?;
        if !response.status().is_success() {
            return Err(refused(&mut response));
        }
        let reader = response.body_mut().with_config().limit(ANSWER_BYTES).reader();
        serde_json::from_reader(reader)
            .with_context(|| format!("the server at {} answered something else; is it Cairn?", self.base))
    }
}

/// The server's own words.
fn refused(response: &mut Response<Body>) -> anyhow::Error {
    let status = response.status();
    let body = response.body_mut().read_to_vec().unwrap_or_default();
    message_of(&body).unwrap_or_else(|| anyhow!("the server answered {status}"))
}

/// The message of an error's body.
pub(crate) fn message_of(body: &[u8]) -> Option<anyhow::Error> {
    serde_json::from_slice::<ErrorBody>(body).ok().map(|body| anyhow!("{}", body.error.message))
}
