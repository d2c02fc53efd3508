//! Files that the binary carries: the web app, the capture script, the visualizer, the demo's shop.

use std::{
    borrow::Cow,
    io::Write,
    sync::{LazyLock, OnceLock},
};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use hashbrown::HashMap;
use rust_embed::RustEmbed;

use crate::{Random, error::ApiError};

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct WebApp;

#[derive(RustEmbed)]
#[folder = "../../snippet/dist"]
struct Snippet;

#[derive(RustEmbed)]
#[folder = "../../visualizer/dist"]
struct Overlay;

/// Addresses of other products' capture endpoints. They stay free for being compatible with them one day, and until then
/// a sender must not be told "200" and a page.
const RESERVED: [&str; 11] =
    ["/v1/", "/e", "/batch", "/capture", "/track", "/engage", "/array/", "/flags", "/i/", "/api/", "/ingest/"];

/// Where a file may be kept, and for how long.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_FIRST: HeaderValue = HeaderValue::from_static("no-cache");
const FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// What a page may do. Styles that scripts of the app add name the answer's nonce; nothing else in a page is taken for its own.
fn policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    format!(
        "default-src 'self'; style-src 'self'{nonce}; img-src 'self' data:; connect-src 'self'; \
         object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    )
}

/// Stands in the page for the nonce of the answer that brings it.
const NONCE: &str = "{{NONCE}}";

const HTML: &str = "text/html; charset=utf-8";

/// A file with all that is answered about it.
pub(crate) struct File {
    bytes: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    kind: &'static str,
    tag: HeaderValue,
    cache: HeaderValue,
}

impl File {
    pub(crate) fn new(path: &str, bytes: Bytes, cache: HeaderValue) -> Self {
        let digest = crate::engine::bytes_digest(&bytes);
        let tag: String = digest[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        // Digits and quotes are always a header's value.
        let tag = HeaderValue::from_str(&format!("\"{tag}\"")).unwrap_or(HeaderValue::from_static("\"0\""));
        Self { bytes, gzip: OnceLock::new(), kind: kind(path), tag, cache }
    }

    /// The packed form; none where it would not be smaller.
    fn gzip(&self) -> Option<&Bytes> {
        let packed = self.gzip.get_or_init(|| {
            let text = ["text/", "application/j", "image/svg"].iter().any(|start| self.kind.starts_with(start));
            if !text {
                return None;
            }
            let mut out = GzEncoder::new(Vec::new(), Compression::best());
            let packed = out.write_all(&self.bytes).and_then(|()| out.finish()).ok()?;
            (packed.len() < self.bytes.len()).then(|| packed.into())
        });
        packed.as_ref()
    }

    pub(crate) fn answer(&self, headers: &HeaderMap) -> Response {
        let fresh = headers.get(header::IF_NONE_MATCH).is_some_and(|tag| tag == self.tag);
        let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { self.full(headers) };
        let own = response.headers_mut();
        own.insert(header::ETAG, self.tag.clone());
        own.insert(header::CACHE_CONTROL, self.cache.clone());
        own.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        own.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        response
    }

    /// As a page with a nonce of this answer alone, which cannot be another answer's: it is never "not modified".
    fn answer_once(&self, nonce: &str) -> Response {
        let page = String::from_utf8_lossy(&self.bytes).replace(NONCE, nonce);
        let own = [
            (header::CONTENT_TYPE, HeaderValue::from_static(self.kind)),
            (header::CACHE_CONTROL, ASK_FIRST),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        ];
        (own, Body::from(page)).into_response()
    }

    fn full(&self, headers: &HeaderMap) -> Response {
        let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|accepts| accepts.to_str().ok());
        let kind = (header::CONTENT_TYPE, HeaderValue::from_static(self.kind));
        match self.gzip().filter(|_| accepts.is_some_and(takes_gzip)) {
            Some(packed) => {
                let packing = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                ([kind, packing], Body::from(packed.clone())).into_response()
            }
            None => ([kind], Body::from(self.bytes.clone())).into_response(),
        }
    }
}

fn takes_gzip(accepts: &str) -> bool {
    accepts.split(',').any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => HTML,
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The files of an app of one page.
pub(crate) struct Assets {
    files: HashMap<String, File>,
}

impl Assets {
    pub(crate) fn web_app() -> Self {
        Self::new(WebApp::iter(), |path| WebApp::get(path).map(|file| bytes(file.data)))
    }

    /// A static site, with a page in case there is none.
    pub(crate) fn site(
        paths: impl Iterator<Item = Cow<'static, str>>,
        read: impl Fn(&str) -> Option<Bytes>,
        missing: &'static str,
    ) -> Self {
        let mut site = Self::new(paths, read);
        let missing = || File::new("index.html", Bytes::from_static(missing.as_bytes()), ASK_FIRST);
        site.files.entry("/index.html".to_owned()).or_insert_with(missing);
        site
    }

    /// Files by their paths; `index.html` answers for every page.
    fn new(paths: impl Iterator<Item = Cow<'static, str>>, read: impl Fn(&str) -> Option<Bytes>) -> Self {
        let files = paths.filter_map(|path| {
            // The builder puts a hash of the content into these names.
            let cache = if path.starts_with("assets/") { FOR_EVER } else { ASK_FIRST };
            Some((format!("/{path}"), File::new(&path, read(&path)?, cache)))
        });
        Self { files: files.collect() }
    }

    /// Answers a request that no route has taken.
    pub(crate) fn answer(&self, request: &Request, random: &Random) -> Response {
        let path = request.uri().path();
        let reads = matches!(*request.method(), Method::GET | Method::HEAD);
        let reserved = RESERVED.iter().any(|start| match start.ends_with('/') {
            true => path.starts_with(start) || path == &start[..start.len() - 1],
            false => path == *start || path.strip_prefix(start).is_some_and(|rest| rest.starts_with('/')),
        });
        if !reads || reserved {
            return ApiError::NotFound("There is nothing at this address; see docs/api.md.".into()).into_response();
        }
        match (self.find(path), random.token::<16>("")) {
            (Some(page), Ok(nonce)) if page.kind == HTML => with_policy(page.answer_once(&nonce), Some(&nonce)),
            _ => with_policy(self.page(request), None),
        }
    }

    /// Answers with a file, or, where none is asked for, with the page that shows all pages.
    pub(crate) fn page(&self, request: &Request) -> Response {
        match self.find(request.uri().path()) {
            Some(file) => file.answer(request.headers()),
            None => ApiError::NotFound("There is no such file.".into()).into_response(),
        }
    }

    fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path).or_else(|| {
            let last = path.rsplit('/').next().unwrap_or_default();
            // Handles of people have dots, too.
            let page = !path.starts_with("/assets/") && (!last.contains('.') || path.starts_with("/users/"));
            page.then(|| self.files.get("/index.html")).flatten()
        })
    }
}

/// Captured text is hostile: whatever slips into a page must not run, and must not be framed.
fn with_policy(mut response: Response, nonce: Option<&str>) -> Response {
    let headers = response.headers_mut();
    // Hexadecimal digits are always a header's value.
    let policy = HeaderValue::from_str(&policy(nonce)).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    response
}

static SNIPPET: LazyLock<File> =
    LazyLock::new(|| script("cairn.js", Snippet::get("cairn.js").map(|file| file.data), FIVE_MINUTES));
static OVERLAY: LazyLock<File> =
    LazyLock::new(|| script("visualizer.js", Overlay::get("visualizer.js").map(|file| file.data), ASK_FIRST));

fn script(path: &str, data: Option<Cow<'static, [u8]>>, cache: HeaderValue) -> File {
    File::new(path, data.map(bytes).unwrap_or_default(), cache)
}

/// `GET /cairn.js`: for the pages of any site.
pub(crate) async fn snippet(headers: HeaderMap) -> Response {
    for_sites(SNIPPET.answer(&headers))
}

/// `GET /visualizer.js`: for the pages of any site; without a token it does nothing.
pub(crate) async fn overlay(headers: HeaderMap) -> Response {
    for_sites(OVERLAY.answer(&headers))
}

fn for_sites(mut response: Response) -> Response {
    let own = response.headers_mut();
    own.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    own.insert(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("cross-origin"));
    response
}

/// Packs what every page of every site will ask for.
pub(crate) fn prepare() {
    SNIPPET.gzip();
}

pub(crate) fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => data.into(),
    }
}
