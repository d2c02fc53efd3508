//! Connections: accepted, bounded, timed, and ended in order.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
};
use tower::ServiceExt;

use crate::{
    Engine, ServerOptions, StartError,
    app::{App, health_router},
    assets, router,
};

/// A request's head, in bytes.
const HEAD_BYTES: usize = 64 << 10;

/// The address at the other end of the connection.
#[derive(Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Serves `engine` on `listener` until `shutdown` resolves; then open requests are given a moment to end.
pub async fn serve(
    engine: Arc<Engine>,
    listener: TcpListener,
    options: ServerOptions,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    assets::prepare();
    let app = App::new(engine, options)?;
    run(router(Arc::clone(&app)), listener, &app.options, &app.closing, shutdown).await;
    Ok(())
}

/// Serves `GET /healthz` and `GET /metrics` of an engine likewise, and nothing else.
pub async fn serve_health(
    engine: Arc<Engine>,
    listener: TcpListener,
    shutdown: impl Future<Output = ()>,
) -> Result<(), StartError> {
    let app = App::new(engine, ServerOptions::default())?;
    run(health_router(Arc::clone(&app)), listener, &app.options, &app.closing, shutdown).await;
    Ok(())
}

/// Serves any router likewise, such as [`crate::shop_router`]'s.
pub async fn serve_router(
    router: Router,
    listener: TcpListener,
    options: &ServerOptions,
    shutdown: impl Future<Output = ()>,
) {
    run(router, listener, options, &watch::Sender::new(false), shutdown).await;
}

/// `closing` becomes true when the server begins to stop.
async fn run(
    router: Router,
    listener: TcpListener,
    options: &ServerOptions,
    closing: &watch::Sender<bool>,
    shutdown: impl Future<Output = ()>,
) {
    let places = Arc::new(Semaphore::new(options.connections_max));
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let service = router.clone().map_request(move |mut request: hyper::Request<hyper::body::Incoming>| {
            request.extensions_mut().insert(Peer(peer));
            request
        });
        let stop = closing.subscribe();
        let (head_timeout, grace) = (options.body_timeout, options.grace);
        tokio::spawn(async move {
            let _place = place;
            connection(stream, TowerToHyperService::new(service), head_timeout, stop, grace).await;
        });
    }
    drop(listener);
    closing.send_replace(true);
    // Every connection holds a place: when all are back, all are done.
    let all = places.acquire_many(options.connections_max as u32);
    if tokio::time::timeout(options.grace, all).await.is_err() {
        tracing::warn!("some requests were cut off: they took longer than {:?} to end", options.grace);
    }
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, IpAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => {
            // Answers are small, and waited for.
            let _ = stream.set_nodelay(true);
            Some((stream, peer.ip(), place))
        }
        Err(error) => {
            // Of this connection alone, or of a want of files that passes.
            let of_connection = matches!(
                error.kind(),
                io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
            );
            if !of_connection {
                tracing::warn!("no connection can be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            None
        }
    }
}

async fn connection<S>(
    stream: TcpStream,
    service: S,
    head_timeout: Duration,
    mut stop: watch::Receiver<bool>,
    grace: Duration,
) where
    S: hyper::service::Service<
            hyper::Request<hyper::body::Incoming>,
            Response = axum::response::Response,
            Error = std::convert::Infallible,
        >,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(HEAD_BYTES).half_close(false);
    let mut connection = std::pin::pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // What went wrong is the other end's: it left, or sent no HTTP.
        _ = &mut connection => return,
        _ = stop.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = tokio::time::timeout(grace, connection).await;
}
