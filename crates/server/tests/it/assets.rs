//! Files and addresses.

use std::{collections::BTreeSet, io::Read, time::Duration};

use cairn_server::{ServerOptions, serve_router, shop_router};

use crate::{client::request, setup::Server};

#[test]
fn other_products_addresses_stay_free() {
    let server = Server::start();
    for path in [
        "/v1/track",
        "/v1/batch",
        "/e",
        "/e/",
        "/batch",
        "/batch/",
        "/capture",
        "/capture/",
        "/track",
        "/engage",
        "/array/x",
        "/array/x/config",
        "/flags",
        "/flags/",
        "/i/v0/e",
        "/i/v0/e/",
        "/api/track",
        "/api/v1/identify",
        "/api/add_user_properties",
        "/api",
        "/api/",
        "/ingest",
        "/ingest/",
    ] {
        for method in ["GET", "POST"] {
            let answer = request(server.address, method, path, &[], b"");
            assert_eq!((answer.status, answer.code()), (404, "not_found".to_owned()), "{method} {path}");
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    }
}

#[test]
fn pages_of_the_web_app_are_the_app_and_files_are_files() {
    let server = Server::start();
    let mut nonces = BTreeSet::new();
    for path in ["/", "/1/graphs", "/events", "/index.html", "/users/jane@example.com", "/users/.."] {
        let page = request(server.address, "GET", path, &[], b"");
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")), "{path}");
        let policy = page.header("content-security-policy").unwrap();
        for part in ["default-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("script-src"), "scripts fall under default-src");
        assert!(!policy.contains("unsafe"), "{policy}");
        let (_, nonce) = policy.split_once("'nonce-").unwrap();
        let nonce = &nonce[..32];
        assert!(nonces.insert(nonce.to_owned()), "each answer has its own");
        assert!(page.text().contains(&format!("nonce=\"{nonce}\"")) && !page.text().contains("{{"), "{}", page.text());
        assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(page.header("cache-control"), Some("no-cache"));
        assert_eq!(page.header("etag"), None, "a page is of one answer");
    }
    let file = request(server.address, "GET", "/cairn.js", &[], b"");
    let again = request(server.address, "GET", "/cairn.js", &[("if-none-match", file.header("etag").unwrap())], b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    // Files come from the binary: a path that climbs is a page like any other.
    let page = request(server.address, "GET", "/../../etc/passwd", &[], b"");
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    for path in ["/assets/missing.js", "/missing.js", "/%2e%2e/secret.txt"] {
        assert_eq!(request(server.address, "GET", path, &[], b"").status, 404, "{path}");
    }
    assert_eq!(request(server.address, "POST", "/1/graphs", &[], b"").status, 404);
}

#[test]
fn the_capture_script_is_packed_and_kept_for_a_while() {
    let server = Server::start();
    let plain = request(server.address, "GET", "/cairn.js", &[], b"");
    assert_eq!((plain.status, plain.header("content-type")), (200, Some("text/javascript; charset=utf-8")));
    assert_eq!(plain.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(plain.header("cross-origin-resource-policy"), Some("cross-origin"));
    let packed = request(server.address, "GET", "/cairn.js", &[("accept-encoding", "br;q=1, gzip")], b"");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let refused = request(server.address, "GET", "/cairn.js", &[("accept-encoding", "gzip;q=0")], b"");
    assert_eq!(refused.header("content-encoding"), None);
}

#[test]
fn the_demo_shop_loads_the_script_of_its_cairn() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let router = shop_router("http://127.0.0.1:7777", "ck_demo");
    runtime.spawn(async move {
        serve_router(router, listener, &ServerOptions::default(), std::future::pending()).await;
    });
    for path in ["/", "/products/1"] {
        let page = request(address, "GET", path, &[], b"");
        assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
        assert!(!page.text().contains("{{"), "{}", page.text());
    }
    runtime.shutdown_timeout(Duration::from_millis(100));
}
