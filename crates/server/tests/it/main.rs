//! The server over real loopback sockets, with the real log and store.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

mod api;
mod assets;
mod backup;
mod capture;
mod client;
mod definitions;
mod durability;
mod erase;
mod folder;
mod kafka;
mod limits;
mod lists;
mod live;
mod openapi;
mod people;
mod postgres;
mod replicas;
mod saved;
mod schema;
mod security;
mod settings;
mod setup;
mod tls;
mod visualizer;
