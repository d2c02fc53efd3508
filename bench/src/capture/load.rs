//! A closed loop over keep-alive connections, on one thread, that does next to nothing but send and wait.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::LocalSet,
};

use super::requests::{BATCH, Request, now_ms};

pub(super) const BUSY_PAUSE: Duration = Duration::from_millis(20);

/// What to send, and where.
pub struct Load {
    /// The server.
    pub address: SocketAddr,
    /// Dealt out to the connections.
    pub requests: Vec<Request>,
    /// Connections, each with one request under way at all times.
    pub connections: usize,
    /// What every answer holds; nothing is looked for if it is empty.
    pub expect: String,
    /// Events sent so far: ids are never used twice.
    pub sent: u64,
    /// The first event's id.
    pub first_id: u64,
}

/// What a run took.
#[derive(Debug, Default)]
pub struct Run {
    /// Until the last answer.
    pub seconds: f64,
    /// Of each request that was answered with 200, sorted.
    pub latencies_us: Vec<u32>,
    /// Requests that were answered with 503, and sent again.
    pub busy: u64,
}

struct Shared {
    next_id: Cell<u64>,
    left: Cell<u64>,
    run: RefCell<Run>,
    expect: String,
}

impl Load {
    /// Ids as the capture script makes them, from now on.
    pub fn first_id_now() -> u64 {
        now_ms() << 21
    }

    /// Sends `events` events, which is a multiple of [`BATCH`], and waits for all answers.
    pub fn run(&mut self, events: u64) -> anyhow::Result<Run> {
        let shared = Rc::new(Shared {
            next_id: Cell::new(self.first_id + self.sent),
            left: Cell::new(events / BATCH as u64),
            run: RefCell::default(),
            expect: self.expect.clone(),
        });
        let share = self.requests.len().div_ceil(self.connections);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let started = Instant::now();
        LocalSet::new().block_on(&runtime, async {
            let tasks = self.requests.chunks(share).map(|requests| {
                tokio::task::spawn_local(connection(Rc::clone(&shared), self.address, requests.to_vec()))
            });
            for task in tasks.collect::<Vec<_>>() {
                task.await??;
            }
            anyhow::Ok(())
        })?;
        self.sent = shared.next_id.get() - self.first_id;
        let mut run = shared.run.take();
        run.seconds = started.elapsed().as_secs_f64();
        run.latencies_us.sort_unstable();
        Ok(run)
    }
}

async fn connection(shared: Rc<Shared>, address: SocketAddr, mut requests: Vec<Request>) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address).await.context("the server does not answer")?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut at) = (Vec::with_capacity(4 << 10), 0);
    while let Some(left) = shared.left.get().checked_sub(1) {
        shared.left.set(left);
        let first_id = shared.next_id.get();
        shared.next_id.set(first_id + BATCH as u64);
        let count = requests.len();
        let request = &mut requests[at % count];
        at += 1;
        request.stamp(first_id, now_ms());
        send_until_taken(&shared, &mut stream, request, &mut buffer).await?;
    }
    Ok(())
}

async fn send_until_taken(
    shared: &Shared,
    stream: &mut TcpStream,
    request: &Request,
    buffer: &mut Vec<u8>,
) -> anyhow::Result<()> {
    loop {
        let started = Instant::now();
        stream.write_all(request.bytes()).await?;
        let status = answer(stream, buffer).await?;
        let text = String::from_utf8_lossy(buffer);
        match status {
            200 if text.contains(&shared.expect) => {
                shared.run.borrow_mut().latencies_us.push(started.elapsed().as_micros() as u32);
                return Ok(());
            }
            503 => {
                shared.run.borrow_mut().busy += 1;
                tokio::time::sleep(BUSY_PAUSE).await;
            }
            _ => bail!("the server answered {text}"),
        }
    }
}

/// Reads an answer, head and body, into `buffer`; returns its status.
pub(super) async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> anyhow::Result<u16> {
    buffer.clear();
    let mut whole = usize::MAX;
    while buffer.len() < whole {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        if let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = std::str::from_utf8(&buffer[..end])?;
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            whole = end + 4 + length.context("an answer without a length")?.parse::<usize>()?;
        }
    }
    let status = buffer.get(9..12).and_then(|status| std::str::from_utf8(status).ok());
    status.and_then(|status| status.parse().ok()).context("an answer without a status")
}
