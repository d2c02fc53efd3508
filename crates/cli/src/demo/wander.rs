//! What people do on each page, and how often.

use cairn_model::EventKind;

use super::{
    shop::{self, PRODUCTS},
    visit::{Page, Visit},
    visitor::Visitor,
};

/// A visit has at most so many steps.
const STEPS_MAX: usize = 60;

/// Walks through the shop until the visitor has had enough.
pub(super) fn wander(visit: &mut Visit<'_>) {
    let landing = landing_page(visit);
    visit.arrive(landing);
    if visit.visitor.bot.is_some() {
        return crawl(visit);
    }
    for _ in 0..STEPS_MAX {
        visit.wait(24.0);
        if visit.is_over() {
            return;
        }
        let stays = match visit.page {
            Page::Home => home(visit),
            Page::Item(product) => item(visit, product),
            Page::Cart => cart(visit),
            Page::Checkout => checkout(visit),
            Page::Login => login(visit),
        };
        if !stays {
            return;
        }
    }
}

fn landing_page(visit: &mut Visit<'_>) -> Page {
    if visit.random.chance(0.62) {
        return Page::Home;
    }
    if !visit.visitor.cart.is_empty() && visit.random.chance(0.25) {
        return Page::Cart;
    }
    Page::Item(visit.some_card(false).0)
}

fn crawl(visit: &mut Visit<'_>) {
    for product in 0..PRODUCTS.len() {
        visit.wait(3.0);
        visit.open(Page::Item(product));
    }
}

/// Each step tells whether the visitor stays.
fn home(visit: &mut Visit<'_>) -> bool {
    let account = visit.visitor.handle.is_some() && !visit.visitor.logged_in;
    let full = !visit.visitor.cart.is_empty();
    let (logs_in, to_see_cart) = (if account { 14.0 } else { 0.4 }, if full { 14.0 } else { 0.6 });
    let logs_out = if visit.visitor.logged_in { 0.5 } else { 0.0 };
    let weights = [26.0, 19.0, 12.0, 7.0, 3.0, 5.0, 0.9, logs_in, to_see_cart, logs_out, 26.0];
    match visit.random.weighted(weights.into_iter()) {
        0 => {
            let (product, at) = visit.some_card(false);
            visit.click(shop::card_title(&PRODUCTS[product], at));
            visit.open(Page::Item(product));
        }
        1 => {
            let (product, at) = visit.some_card(false);
            visit.click(shop::card_picture(&PRODUCTS[product], at, has_badge(product)));
            visit.open(Page::Item(product));
        }
        2 => {
            let chip = visit.some_chip();
            visit.click(chip);
        }
        3 => visit.happen(EventKind::Change, shop::search()),
        4 => {
            let (product, at) = visit.some_card(false);
            visit.click(shop::card_add(&PRODUCTS[product], at));
            add(visit.visitor, product);
        }
        5 => {
            visit.click(shop::hero());
            visit.open(Page::Item(0));
        }
        6 => newsletter(visit),
        7 if visit.visitor.logged_in => return false,
        7 => {
            visit.click(shop::log_in_link());
            visit.open(Page::Login);
        }
        8 => to_cart(visit),
        9 => {
            visit.click(shop::log_out());
            visit.log_out();
        }
        _ => return false,
    }
    true
}

fn item(visit: &mut Visit<'_>, product: usize) -> bool {
    let eager = visit.visitor.eagerness * if visit.visitor.device.device == "mobile" { 0.75 } else { 1.1 };
    let full = !visit.visitor.cart.is_empty();
    let weights = [9.0 * eager, 15.0, 19.0, if full { 22.0 } else { 0.5 }, 26.0];
    match visit.random.weighted(weights.into_iter()) {
        0 => {
            visit.click(shop::item_add(&PRODUCTS[product]));
            add(visit.visitor, product);
        }
        1 => {
            let (next, at) = visit.some_card(true);
            if next != product {
                visit.click(shop::card_title(&PRODUCTS[next], at));
                visit.open(Page::Item(next));
            }
        }
        2 => {
            visit.click(shop::brand());
            visit.open(Page::Home);
        }
        3 => to_cart(visit),
        _ => return false,
    }
    true
}

fn cart(visit: &mut Visit<'_>) -> bool {
    let lines = visit.visitor.cart.len();
    if lines == 0 {
        visit.click(shop::brand());
        visit.open(Page::Home);
        return visit.random.chance(0.6);
    }
    match visit.random.weighted([34.0 * visit.visitor.eagerness, 8.0, 5.0, 5.0, 12.0, 32.0].into_iter()) {
        0 => {
            visit.click(shop::to_checkout());
            visit.open(Page::Checkout);
        }
        change @ 1..=3 => {
            let at = visit.random.below(lines);
            let (product, quantity) = visit.visitor.cart[at];
            let action = ["more", "less", "remove"][change - 1];
            visit.click(shop::line_button(action, PRODUCTS[product].slug, at + 1, lines));
            match action {
                "more" => visit.visitor.cart[at].1 += 1,
                "less" if quantity > 1 => visit.visitor.cart[at].1 -= 1,
                _ => drop(visit.visitor.cart.remove(at)),
            }
        }
        4 => {
            visit.click(shop::brand());
            visit.open(Page::Home);
        }
        _ => return false,
    }
    true
}

fn checkout(visit: &mut Visit<'_>) -> bool {
    let patience = 1 + visit.random.below(4);
    for field in 0..patience {
        visit.wait(9.0);
        visit.happen(EventKind::Change, shop::checkout_field(field));
    }
    visit.wait(12.0);
    match visit.random.weighted([16.0 * visit.visitor.eagerness * patience as f64, 12.0, 30.0].into_iter()) {
        0 => {
            visit.click(shop::confirm());
            visit.order();
            if visit.random.chance(0.75) {
                return false;
            }
            visit.wait(20.0);
            visit.click(shop::brand());
            visit.open(Page::Home);
        }
        1 => {
            visit.click(shop::back_to_cart());
            visit.open(Page::Cart);
        }
        _ => return false,
    }
    true
}

fn login(visit: &mut Visit<'_>) -> bool {
    if visit.visitor.handle.is_none() {
        return false;
    }
    visit.happen(EventKind::Change, shop::login_email());
    visit.wait(6.0);
    visit.click(shop::login_button());
    visit.happen(EventKind::Submit, shop::login_form());
    visit.identify();
    visit.open(Page::Home);
    true
}

fn to_cart(visit: &mut Visit<'_>) {
    visit.click(shop::cart_link(visit.visitor.cart_items(), visit.visitor.logged_in));
    visit.open(Page::Cart);
}

fn newsletter(visit: &mut Visit<'_>) {
    visit.happen(EventKind::Change, shop::newsletter_email());
    visit.click(shop::newsletter_button());
    visit.happen(EventKind::Submit, shop::newsletter_form());
}

fn has_badge(product: usize) -> bool {
    matches!(PRODUCTS[product].slug, "ridgeline-2-tent" | "basecamp-45-pack" | "enamel-mug" | "switchback-poles")
}

fn add(visitor: &mut Visitor, product: usize) {
    match visitor.cart.iter_mut().find(|line| line.0 == product) {
        Some(line) => line.1 += 1,
        None => visitor.cart.push((product, 1)),
    }
}
