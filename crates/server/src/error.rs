//! Everything that can go wrong with a request, and the one place where it becomes HTTP.

use std::borrow::Cow;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use cairn_analysis::catalog::CatalogError;
use cairn_analysis::{QueryError, StoreError};
use cairn_commitlog::LogError;
use cairn_model::PredicateError;
use serde_json::json;

use crate::{
    backup::BackupError,
    engine::{EraseError, ReplayError, StateError},
    registry::RegistryError,
};

/// A sender that was turned away comes back after this time.
const RETRY_AFTER_S: u64 = 2;
/// A full disk needs a person.
const RETRY_AFTER_FULL_S: u64 = 30;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    #[error("No project has the write key {}. Copy the key from the project's install page.", shortened(.0))]
    UnknownKey(String),
    #[error("Sign in first: POST /api/session with the token, or send it as \"Authorization: Bearer TOKEN\".")]
    SignIn,
    #[error("This is not the server's token. It was printed when the server started.")]
    BadToken,
    #[error("Too many failed attempts to sign in; try again in {0} seconds.")]
    TooManyAttempts(u64),
    #[error("This visualizer is over: it lasts an hour, and a link opens it once. Open the site again from Cairn.")]
    VisualizerOver,
    #[error("The visualizer was opened for another site. Open this one from Cairn.")]
    VisualizerOrigin,
    #[error("With the cookie, every request but GET needs the header \"X-Cairn: 1\".")]
    MissingHeader,
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    #[error("{0}")]
    Method(Cow<'static, str>),
    #[error("{0}")]
    TooLarge(String),
    #[error("The request did not arrive in time; send it again.")]
    Timeout,
    /// A request that is wrong: a word for programs, and words for people.
    #[error("{1}")]
    Bad(&'static str, String),
    /// What does not go together with what is there: a word for programs, and words for people.
    #[error("{1}")]
    Conflict(&'static str, String),
    #[error(transparent)]
    Log(#[from] LogError),
    /// Events that another server takes: a sender that comes back may find that one behind the address.
    #[error("{0}")]
    Elsewhere(String),
    #[error("{0}; send the same again in a moment")]
    Overload(&'static str),
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error(transparent)]
    Predicate(#[from] PredicateError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    #[error("{0}")]
    Internal(String),
}

impl ApiError {
    pub(crate) fn json(message: impl Into<String>) -> Self {
        ApiError::Bad("json", message.into())
    }

    pub(crate) fn body(error: &serde_json::Error) -> Self {
        Self::json(format!("The body cannot be read: {error}."))
    }

    /// The word for programs.
    pub(crate) fn code(&self) -> &'static str {
        self.parts().1
    }

    pub(crate) fn no_project() -> Self {
        ApiError::NotFound("There is no such project.".into())
    }

    /// Status, code, and when to come back.
    fn parts(&self) -> (StatusCode, &'static str, Option<u64>) {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match self {
            ApiError::UnknownKey(_) => (StatusCode::UNAUTHORIZED, "unknown_key", None),
            ApiError::SignIn => (StatusCode::UNAUTHORIZED, "sign_in", None),
            ApiError::BadToken => (StatusCode::UNAUTHORIZED, "bad_token", None),
            ApiError::TooManyAttempts(seconds) => (StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", Some(*seconds)),
            ApiError::VisualizerOver => (StatusCode::UNAUTHORIZED, "visualizer", None),
            ApiError::VisualizerOrigin => (StatusCode::FORBIDDEN, "origin", None),
            ApiError::MissingHeader => (StatusCode::FORBIDDEN, "header", None),
            ApiError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found", None),
            ApiError::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "method", None),
            ApiError::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "size", None),
            ApiError::Timeout => (StatusCode::REQUEST_TIMEOUT, "timeout", Some(RETRY_AFTER_S)),
            ApiError::Bad(code, _) => (StatusCode::BAD_REQUEST, code, None),
            ApiError::Conflict(code, _) => (StatusCode::CONFLICT, code, None),
            ApiError::Log(error) => log_parts(error),
            ApiError::Elsewhere(_) => (unavailable, "replica", Some(RETRY_AFTER_FULL_S)),
            ApiError::Overload(_) => (unavailable, "busy", Some(RETRY_AFTER_S)),
            ApiError::Query(error) if error.code == "unknown_user" => (StatusCode::NOT_FOUND, error.code, None),
            ApiError::Query(error) if error.code == "store" => (unavailable, "store", Some(RETRY_AFTER_S)),
            // The same would take as long again: there is no time to come back.
            ApiError::Query(error) if error.code == "timeout" => (StatusCode::GATEWAY_TIMEOUT, "timeout", None),
            ApiError::Query(error) if error.code == "memory" => (StatusCode::UNPROCESSABLE_ENTITY, "memory", None),
            ApiError::Query(error) if error.code == "cancelled" => (unavailable, "cancelled", Some(RETRY_AFTER_S)),
            ApiError::Query(error) => (StatusCode::BAD_REQUEST, error.code, None),
            ApiError::Predicate(error) => (StatusCode::BAD_REQUEST, error.code, None),
            ApiError::Store(_) => (unavailable, "store", Some(RETRY_AFTER_FULL_S)),
            ApiError::Catalog(CatalogError::Conflict) => (StatusCode::CONFLICT, "conflict", None),
            ApiError::Catalog(CatalogError::Replica { .. }) => (StatusCode::CONFLICT, "replica", None),
            ApiError::Catalog(_) => (unavailable, "catalog", Some(RETRY_AFTER_FULL_S)),
            ApiError::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "internal", None),
        }
    }
}

fn log_parts(error: &LogError) -> (StatusCode, &'static str, Option<u64>) {
    let unavailable = StatusCode::SERVICE_UNAVAILABLE;
    match error {
        LogError::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "size", None),
        LogError::Busy { .. } => (unavailable, "busy", Some(RETRY_AFTER_S)),
        LogError::Unreachable { .. } => (unavailable, "log_away", Some(RETRY_AFTER_S)),
        LogError::Replica { .. } => (StatusCode::CONFLICT, "replica", None),
        LogError::Full { .. } => (unavailable, "disk_full", Some(RETRY_AFTER_FULL_S)),
        _ => (unavailable, "log_stopped", Some(RETRY_AFTER_FULL_S)),
    }
}

/// A key may be anything that somebody typed.
fn shortened(key: &str) -> String {
    let head: String = key.chars().take(40).collect();
    if head.len() < key.len() { head + "…" } else { head }
}

impl From<EraseError> for ApiError {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Nobody(_) | EraseError::Stranger(..) => ApiError::NotFound(format!("{error}.").into()),
            EraseError::Ahead => ApiError::Bad("time", format!("{error}.")),
            EraseError::Behind => ApiError::Overload("the store is behind the log"),
            EraseError::Log(error) => ApiError::Log(error),
            EraseError::Store(error) => ApiError::Store(error),
            EraseError::Lists(error) => error.into(),
        }
    }
}

impl From<StateError> for ApiError {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Held => ApiError::Overload("the store is held for another comparison"),
            StateError::Store(error) => ApiError::Store(error),
            StateError::Over | StateError::NotThere { .. } | StateError::Beyond { .. } => {
                ApiError::Conflict("positions", format!("{error}."))
            }
        }
    }
}

impl From<ReplayError> for ApiError {
    fn from(error: ReplayError) -> Self {
        match error {
            ReplayError::Log(error) => ApiError::Log(error),
            ReplayError::Store(error) => ApiError::Store(error),
            ReplayError::Forgotten { .. } | ReplayError::Beyond(_) => {
                ApiError::Conflict("positions", format!("{error}."))
            }
        }
    }
}

impl From<BackupError> for ApiError {
    fn from(error: BackupError) -> Self {
        match error {
            BackupError::Log(error) => ApiError::Log(error),
            BackupError::Store(error) => ApiError::Store(error),
            BackupError::Catalog(error) => ApiError::Catalog(error),
            error @ BackupError::Spooled(_) => ApiError::Conflict("spooled", format!("{error}.")),
            error => ApiError::Internal(error.to_string()),
        }
    }
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        match error {
            RegistryError::Wrong(code, message) => ApiError::Bad(code, message),
            RegistryError::Conflict(code, message) => ApiError::Conflict(code, message),
            RegistryError::NoProject => ApiError::no_project(),
            RegistryError::NotFound(message) => ApiError::NotFound(message.into()),
            RegistryError::Catalog(error) => ApiError::Catalog(error),
            RegistryError::Random(error) => ApiError::Internal(format!("the system gave no randomness: {error}")),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, code, retry_after_s) = self.parts();
        if status.is_server_error() {
            tracing::warn!(code, "{self}");
        }
        let body = Json(json!({"error": {"code": code, "message": self.to_string()}}));
        let mut response = (status, body).into_response();
        if let Some(seconds) = retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::{io, path::PathBuf};

    use super::*;

    #[test]
    fn each_failure_has_its_status_and_code() {
        let stopped = || LogError::Stopped { cause: "x".into() };
        let io = || StoreError::Io { what: "writing".into(), source: io::Error::other("x") };
        let primary = || "http://x".to_owned();
        let table: [(ApiError, u16, &str, bool); 22] = [
            (ApiError::Conflict("taken", "x".into()), 409, "taken", false),
            (CatalogError::Conflict.into(), 409, "conflict", false),
            (CatalogError::Replica { primary: primary() }.into(), 409, "replica", false),
            (LogError::Replica { primary: primary() }.into(), 409, "replica", false),
            (ApiError::Elsewhere(primary()), 503, "replica", true),
            (ApiError::UnknownKey("ck".into()), 401, "unknown_key", false),
            (ApiError::SignIn, 401, "sign_in", false),
            (ApiError::TooManyAttempts(9), 429, "too_many_attempts", true),
            (ApiError::MissingHeader, 403, "header", false),
            (LogError::Busy { waiting_bytes: 1, limit_bytes: 1 }.into(), 503, "busy", true),
            (LogError::Full { dir: PathBuf::new() }.into(), 503, "disk_full", true),
            (LogError::TooLarge { bytes: 2, limit_bytes: 1 }.into(), 413, "size", false),
            (stopped().into(), 503, "log_stopped", true),
            (ApiError::Overload("x"), 503, "busy", true),
            (QueryError::new("unknown_event", "x").into(), 400, "unknown_event", false),
            (QueryError::new("unknown_user", "x").into(), 404, "unknown_user", false),
            (QueryError::new("store", "x").into(), 503, "store", true),
            (QueryError::new("timeout", "x").into(), 504, "timeout", false),
            (QueryError::new("memory", "x").into(), 422, "memory", false),
            (QueryError::new("cancelled", "x").into(), 503, "cancelled", true),
            (io().into(), 503, "store", true),
            (ApiError::Timeout, 408, "timeout", true),
        ];
        for (error, status, code, retries) in table {
            let (got, word, retry) = error.parts();
            assert_eq!((got.as_u16(), word, retry.is_some()), (status, code, retries), "{error:?}");
        }
    }
}
