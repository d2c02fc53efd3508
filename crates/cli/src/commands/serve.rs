//! `cairn serve`, and what `cairn demo` shares with it.

mod follow;

use std::{
    fs, io,
    io::Write,
    net::{IpAddr, SocketAddr, TcpListener},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow, bail};
use cairn_server::{Engine, EngineError, Follow, ServerOptions, serve};
use tokio::{
    runtime::Runtime,
    signal::unix::{SignalKind, signal},
};

use crate::{
    args::{Place, ServeArgs},
    backend::{local_zone, open_engine_as, query_limits, read_token, token_file},
    output::say,
};

/// Runs the server until it is told to stop.
pub(crate) fn run(place: &Place, args: &ServeArgs) -> anyhow::Result<()> {
    no_url(place, "serve")?;
    log_to_stderr();
    if args.no_ingest && (place.store.is_none() || place.log.is_none()) {
        bail!(
            "--no-ingest leaves it to other servers to apply what comes in: they have to share a topic and a database with this one, so \
             give --log and --store, too"
        );
    }
    if args.spool.is_some() && place.log.is_none() {
        bail!(
            "--spool (or CAIRN_SPOOL) keeps what comes in while Kafka is away: give --log kafka://…, too; without it, the log is in the data folder anyway"
        );
    }
    let listener = bind(args.listen)?;
    let engine = Arc::new(follow::open(place, args)?);
    let _following = follow::catalog(&engine, place, &args.follow)?;
    if engine.primary().is_none()
        && let Some(project) = engine.registry().create_first_project("My site", &local_zone(), engine.now())?
    {
        eprintln!("Made a first project, {:?} ({}).", project.name, project.zone);
    }
    let url = url(&listener)?;
    let sign_in = sign_in_url(&engine, &place.data, &url, args.new_token)?;
    engine.announce(&url)?;
    let options = ServerOptions {
        geo_file: args.geoip.clone(),
        trusted_proxies: args.trusted_proxies.clone(),
        https: args.https,
        query_limits: query_limits()?,
        ..ServerOptions::default()
    };
    let runtime = Runtime::new()?;
    runtime.block_on(async {
        let stop = stop_signal()?;
        let listener = listen(listener)?;
        say(format!("Sign in:        {sign_in}"));
        say(format!("Cairn is ready: {url}"));
        serve(Arc::clone(&engine), listener, options, stop).await.map_err(anyhow::Error::from)
    })?;
    engine.close();
    eprintln!("Cairn has stopped; nothing is lost.");
    Ok(())
}

/// Opens a data folder, making it if there is none; what comes into its log is applied here or, if not so, by other servers.
pub(super) fn open(place: &Place, ingest: bool) -> anyhow::Result<Engine> {
    open_as(place, ingest, Follow::AsBefore, None)
}

fn open_as(place: &Place, ingest: bool, follow: Follow, spool: Option<PathBuf>) -> anyhow::Result<Engine> {
    open_engine_as(place, ingest, follow, spool).map_err(|error| match error.downcast_ref() {
        Some(EngineError::Folder { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => anyhow!(
            "the data folder {} is not writable by this user: choose another with --data, or change its owner",
            place.data.display()
        ),
        _ => error,
    })
}

/// Takes the port, so that nothing is made where it is not free.
pub(super) fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => anyhow!(
            "port {} is in use: stop what listens there, or choose another with --listen {}:{}",
            address.port(),
            address.ip(),
            address.port().saturating_add(1)
        ),
        io::ErrorKind::PermissionDenied => {
            anyhow!("port {} is not for this user: choose one above 1023 with --listen", address.port())
        }
        io::ErrorKind::AddrNotAvailable => {
            anyhow!("{} is not an address of this machine: --listen takes one, or 0.0.0.0 for all", address.ip())
        }
        _ => anyhow!("{address} cannot be listened on: {error}"),
    })
}

/// Hands the port over to the runtime.
pub(super) fn listen(listener: TcpListener) -> anyhow::Result<tokio::net::TcpListener> {
    listener.set_nonblocking(true)?;
    Ok(tokio::net::TcpListener::from_std(listener)?)
}

/// The URL under which this machine reaches the listener.
pub(super) fn url(listener: &TcpListener) -> anyhow::Result<String> {
    let address = listener.local_addr()?;
    Ok(match address.ip() {
        ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        IpAddr::V4(ip) => format!("http://{ip}:{}", address.port()),
        IpAddr::V6(ip) => format!("http://[{ip}]:{}", address.port()),
    })
}

/// The URL that signs in. The token is stored as a digest only, so it is written down once, for whoever may read the folder.
pub(super) fn sign_in_url(engine: &Engine, dir: &Path, url: &str, new_token: bool) -> anyhow::Result<String> {
    let made = if new_token { Some(engine.reset_token()?) } else { engine.ensure_token()? };
    if let Some(token) = &made {
        write_token(dir, token)?;
    }
    let token = match made {
        Some(token) => token,
        None => match read_token(dir) {
            Ok(Some(token)) => token,
            // The file was taken away: this link works once, the token that somebody kept goes on working.
            _ => engine.sign_in_token()?,
        },
    };
    Ok(format!("{url}/?token={token}"))
}

fn write_token(dir: &Path, token: &str) -> anyhow::Result<()> {
    let (path, fresh) = (token_file(dir), dir.join("token.new"));
    let write = || {
        // Left over from a start that was cut off; it must not keep its rights.
        let _ = fs::remove_file(&fresh);
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
        writeln!(file, "{token}")?;
        file.sync_all()?;
        fs::rename(&fresh, &path)
    };
    write().with_context(|| format!("the API token cannot be written to {}", path.display()))
}

/// Resolves at SIGINT or SIGTERM. A second one ends the process at once.
pub(super) fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        eprintln!("Stopping…");
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(130);
        });
    })
}

/// Warnings go to the standard error; RUST_LOG asks for more.
pub(super) fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env();
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // A second call, in tests, changes nothing.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false).try_init();
}

/// Serving is what a folder on this machine is for.
pub(super) fn no_url(place: &Place, what: &str) -> anyhow::Result<()> {
    if place.url.is_some() {
        bail!("`cairn {what}` runs a server of its own: leave out --url (or unset CAIRN_URL)");
    }
    Ok(())
}
