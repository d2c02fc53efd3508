//! The demo's shop: a static site with the capture script in it.

use std::sync::Arc;

use axum::{Router, extract::Request};
use bytes::Bytes;
use rust_embed::RustEmbed;

use crate::assets::{self, Assets};

#[derive(RustEmbed)]
#[folder = "../../shop"]
struct Shop;

const MISSING: &str = "<!doctype html><title>Shop</title><p>This Cairn was built without its demo shop.</p>";

/// The demo's shop, whose pages load `cairn_origin`'s capture script with `write_key`.
pub fn shop_router(cairn_origin: &str, write_key: &str) -> Router {
    let read = |path: &str| {
        let data = Shop::get(path)?.data;
        if !path.ends_with(".html") {
            return Some(assets::bytes(data));
        }
        let page = String::from_utf8_lossy(&data);
        Some(Bytes::from(page.replace("{{CAIRN_ORIGIN}}", cairn_origin).replace("{{WRITE_KEY}}", write_key)))
    };
    let site = Arc::new(Assets::site(Shop::iter(), read, MISSING));
    Router::new().fallback(move |request: Request| async move { site.page(&request) })
}
