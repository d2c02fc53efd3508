//! Cairn's server: capture, the API, the live feed and the web app; and the engine that they share with the command line.
//!
//! ```text
//! POST /ingest -> capture (parse, fix times, enrich) -> Engine::append -> log -> applier -> store -> API
//!                                                                            \-> live feed
//! ```
//!
//! [`Engine`] is everything behind HTTP: log, store and catalog of one data folder, locked. [`serve`] puts HTTP in front of it.
//! The HTTP contract is docs/api.md, and `openapi.json` for programs.

mod address;
mod api;
mod app;
mod ask;
mod assets;
mod auth;
mod backup;
mod capture;
mod clock;
mod copy;
mod engine;
mod enrich;
mod error;
mod list_file;
mod metrics;
mod registry;
mod serve;
mod shop;
mod silent;
mod visualizer;

pub use address::{Network, NetworkError};
pub use api::{Access, routes};
pub use app::{App, ServerOptions, StartError, router};
pub use ask::{Refusal, ask};
pub use backup::{BackupError, BackupHead, inspect as inspect_backup, restore as restore_backup};
pub use clock::{Clock, Random};
pub use copy::{Copied, CopyError};
pub use engine::{
    Appended, Delay, Engine, EngineError, EngineOptions, EngineState, EngineStore, EraseError, Erasure, Expiry, Follow,
    Nearing, Parts, ProjectState, Purge, Replay, ReplayError, ReplayFrom, Replayed, Revocation, StateError, StoreSize,
    Unhealthy, Whom,
};
pub use list_file::{LIST_BYTES, ListFormat};
pub use registry::{Mentions, ProjectNames, Registry, RegistryError, Usage};
pub use serve::{serve, serve_health, serve_router};
pub use shop::shop_router;
