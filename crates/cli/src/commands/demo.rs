//! `cairn demo`.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    sync::Arc,
};

use anyhow::Context;
use cairn_model::{Predicate, TimeMs};
use cairn_server::{Engine, ServerOptions, serve, serve_router, shop_router};
use serde::{Deserialize, Serialize};
use tokio::{runtime::Runtime, sync::watch};

use super::serve::{bind, listen, log_to_stderr, no_url, open, sign_in_url, stop_signal, url};
use crate::{
    args::{DemoArgs, Place},
    backend::{FolderSink, Project, local_zone, query_limits},
    demo::{DEFINITIONS, History, generate},
    import::Progress,
    output::{say, thousands},
};

const NAME: &str = "Demo shop";

/// Which history the folder has; beside it as `demo.json`, so that one that was cut off is finished, not doubled.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Made {
    events: u64,
    ends_at: TimeMs,
    complete: bool,
}

/// Makes the demo's history once, then runs product and shop until it is told to stop.
pub(crate) fn run(place: &Place, args: &DemoArgs) -> anyhow::Result<()> {
    no_url(place, "demo")?;
    log_to_stderr();
    let (listener, shop_listener) = (bind(args.listen)?, bind_shop(args)?);
    let engine = open(place, true)?;
    let project = project(&engine)?;
    if !args.no_history {
        history(&engine, &project, &place.data, args.events)?;
    }
    let (url, shop_url) = (url(&listener)?, url(&shop_listener)?);
    let sign_in = sign_in_url(&engine, &place.data, &url, false)?;
    engine.announce(&url)?;
    let engine = Arc::new(engine);
    Runtime::new()?.block_on(async {
        let (listener, shop_listener) = (listen(listener)?, listen(shop_listener)?);
        let stop = stop_signal()?;
        say(format!("The shop:       {shop_url}"));
        say(format!("Sign in:        {sign_in}"));
        say(format!("Cairn is ready: {url}"));
        let shop = Shop { listener: shop_listener, cairn_url: &url, write_key: &project.write_key };
        serve_both(Arc::clone(&engine), listener, shop, stop).await
    })?;
    engine.close();
    eprintln!("Cairn has stopped; nothing is lost.");
    Ok(())
}

/// The shop, and whom its pages send events to.
struct Shop<'s> {
    listener: tokio::net::TcpListener,
    cairn_url: &'s str,
    write_key: &'s str,
}

async fn serve_both(
    engine: Arc<Engine>,
    listener: tokio::net::TcpListener,
    shop: Shop<'_>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    let (sender, receiver) = watch::channel(false);
    let stopped = || {
        let mut receiver = receiver.clone();
        // An error means that the sender is gone, which is a stop too.
        async move { drop(receiver.wait_for(|stop| *stop).await) }
    };
    let options = ServerOptions { query_limits: query_limits()?, ..ServerOptions::default() };
    let signal = async {
        stop.await;
        sender.send_replace(true);
    };
    let product = serve(engine, listener, options.clone(), stopped());
    let pages = shop_router(shop.cairn_url, shop.write_key);
    let shop = serve_router(pages, shop.listener, &options, stopped());
    let (product, (), ()) = tokio::join!(product, shop, signal);
    Ok(product?)
}

/// The shop's port: as asked for, else the one after Cairn's, else any.
fn bind_shop(args: &DemoArgs) -> anyhow::Result<TcpListener> {
    if let Some(address) = args.shop_listen {
        return bind(address);
    }
    let beside = |port| SocketAddr::new(args.listen.ip(), port);
    match args.listen.port() {
        0 | u16::MAX => bind(beside(0)),
        port => bind(beside(port + 1)).or_else(|_| bind(beside(0))),
    }
}

fn project(engine: &Engine) -> anyhow::Result<Project> {
    let known = engine.registry().projects().into_iter().find(|project| project.name == NAME);
    if let Some(project) = known {
        return Ok(project.into());
    }
    let project: Project = engine.registry().create_project(NAME, &local_zone(), engine.now())?.into();
    for (name, predicate) in DEFINITIONS {
        let predicate: Predicate = serde_json::from_str(predicate)?;
        engine.define(project.id, name, predicate)?;
    }
    Ok(project)
}

fn history(engine: &Engine, project: &Project, dir: &Path, events: u64) -> anyhow::Result<()> {
    let file = dir.join("demo.json");
    let made: Option<Made> = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    if made.is_some_and(|made| made.complete) {
        return Ok(());
    }
    // One that was cut off is made again, to the same end: what is there already counts once.
    let made = made.unwrap_or(Made { events, ends_at: engine.now(), complete: false });
    write(&file, &made)?;
    eprintln!("Making 90 days of visitors, about {} events…", thousands(made.events));
    let mut progress = Progress::new(made.events, "events");
    let mut sink = FolderSink::new(engine, project.id);
    let mut count = 0;
    generate(History { events: made.events, ends_at: made.ends_at }, &mut |message| {
        let event = u64::from(matches!(message, cairn_model::Message::Event(_)));
        count += event;
        progress.advance(event, count);
        sink.push_message(&message)
    })?;
    sink.finish_all()?;
    progress.finish();
    eprintln!("Made {} events in {:.1} s.", thousands(count), progress.elapsed().as_secs_f64());
    write(&file, &Made { complete: true, ..made })
}

fn write(file: &Path, made: &Made) -> anyhow::Result<()> {
    let fresh = file.with_extension("json.new");
    let bytes = serde_json::to_vec(made)?;
    let written = fs::write(&fresh, bytes).and_then(|()| fs::rename(&fresh, file));
    written.with_context(|| format!("{} cannot be written", file.display()))
}
