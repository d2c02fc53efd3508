//! `cairn demo`: made once, served twice.

use crate::support::{Server, Site};

#[test]
fn the_history_is_made_once_and_the_shop_is_beside_it() {
    let site = Site::new();
    let args = ["demo", "--listen", "127.0.0.1:0", "--shop-listen", "127.0.0.1:0", "--events", "5000"];
    let mut first = Server::start(site.command(&args));
    let pageviews = site.count("Viewed page", &[]);
    assert!(pageviews > 1_000, "{pageviews}");
    assert!(site.count("Confirm order", &[]) > 0);
    let shop = first.printed.lines().find_map(|line| line.strip_prefix("The shop:")).unwrap().trim().to_owned();
    let page = ureq::get(&shop).call().unwrap().body_mut().read_to_string().unwrap();
    assert!(page.contains(&first.url) && page.contains("data-key=\"ck_"), "the shop sends to this server");
    assert!(first.stop());

    let mut second = Server::start(site.command(&args));
    assert_eq!(site.count("Viewed page", &[]), pageviews);
    assert!(second.stop());
}
