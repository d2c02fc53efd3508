//! `cairn ingest`.

use std::{net::TcpListener, sync::Arc};

use anyhow::bail;
use cairn_server::{Engine, serve_health};
use tokio::runtime::Runtime;

use super::serve::{bind, listen, log_to_stderr, no_url, stop_signal, url};
use crate::{
    args::{IngestArgs, Place},
    backend::open_writer,
    output::say,
};

/// Applies a topic to a database until it is told to stop.
pub(crate) fn run(place: &Place, args: &IngestArgs) -> anyhow::Result<()> {
    no_url(place, "ingest")?;
    let (Some(store), Some(log)) = (&place.store, &place.log) else {
        bail!(
            "say what to apply and where to: --log kafka://… (or CAIRN_LOG) and --store postgres://… (or CAIRN_STORE), the same as those \
             of `cairn serve`; a server with a store of its own does it itself"
        );
    };
    log_to_stderr();
    let listener = args.listen.map(bind).transpose()?;
    let engine = Arc::new(open_writer(store, log)?);
    Runtime::new()?.block_on(until_stopped(&engine, listener))?;
    engine.close();
    eprintln!("The writer has stopped; what is not applied waits in Kafka.");
    Ok(())
}

async fn until_stopped(engine: &Arc<Engine>, listener: Option<TcpListener>) -> anyhow::Result<()> {
    let stop = stop_signal()?;
    let Some(listener) = listener else {
        say("Cairn applies what comes in.");
        stop.await;
        return Ok(());
    };
    let url = url(&listener)?;
    let listener = listen(listener)?;
    say(format!("Cairn applies what comes in; how it is doing: {url}/healthz"));
    serve_health(Arc::clone(engine), listener, stop).await?;
    Ok(())
}
