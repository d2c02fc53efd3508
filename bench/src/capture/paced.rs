//! An open loop: requests are due at fixed instants, whatever becomes of those before them, and each one's wait counts from
//! the instant at which it was due.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hdrhistogram::Histogram;
use tokio::{io::AsyncWriteExt, net::TcpStream, task::LocalSet};

use super::{
    load::{BUSY_PAUSE, Load, answer},
    requests::{BATCH, Request, now_ms},
};

/// When requests are due.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// Events per second over all connections, in requests of [`BATCH`].
    pub events_per_s: u64,
    /// For how long.
    pub time: Duration,
}

/// What an open loop measured.
pub struct Paced {
    /// From the instant at which a request was due to its 200, in microseconds.
    pub waits_us: Histogram<u64>,
    /// Requests that were answered with 503, and sent again.
    pub busy: u64,
}

/// One connection's share of the requests: every `of`th, from number `at` on.
#[derive(Clone, Copy)]
struct Share {
    at: u64,
    of: u64,
    interval: Duration,
    count: u64,
    first_id: u64,
    began: Instant,
}

impl Load {
    /// Sends at `pace` and waits for all answers.
    pub fn paced(&mut self, pace: Pace) -> anyhow::Result<Paced> {
        let interval = Duration::from_secs(BATCH as u64) / pace.events_per_s as u32;
        let count = (pace.time.as_nanos() / interval.as_nanos()) as u64;
        let (of, first_id) = (self.connections as u64, self.first_id + self.sent);
        let share = self.requests.len().div_ceil(self.connections);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let began = Instant::now() + Duration::from_millis(50);
        let mut paced = Paced { waits_us: Histogram::new(3)?, busy: 0 };
        LocalSet::new().block_on(&runtime, async {
            let tasks = self.requests.chunks(share).zip(0..).map(|(requests, at)| {
                let share = Share { at, of, interval, count, first_id, began };
                tokio::task::spawn_local(connection(self.address, requests.to_vec(), share))
            });
            for task in tasks.collect::<Vec<_>>() {
                let one = task.await??;
                paced.waits_us.add(one.waits_us)?;
                paced.busy += one.busy;
            }
            anyhow::Ok(())
        })?;
        self.sent += count * BATCH as u64;
        Ok(paced)
    }
}

async fn connection(address: SocketAddr, mut requests: Vec<Request>, share: Share) -> anyhow::Result<Paced> {
    let mut stream = TcpStream::connect(address).await.context("the server does not answer")?;
    stream.set_nodelay(true)?;
    let mut paced = Paced { waits_us: Histogram::new(3)?, busy: 0 };
    let (mut buffer, kinds) = (Vec::with_capacity(4 << 10), requests.len() as u64);
    for number in (share.at..share.count).step_by(share.of as usize) {
        let due = share.began + share.interval * number as u32;
        tokio::time::sleep_until(due.into()).await;
        let request = &mut requests[(number / share.of % kinds) as usize];
        request.stamp(share.first_id + number * BATCH as u64, now_ms());
        loop {
            stream.write_all(request.bytes()).await?;
            match answer(&mut stream, &mut buffer).await? {
                200 => break,
                503 => paced.busy += 1,
                _ => bail!("the server answered {}", String::from_utf8_lossy(&buffer)),
            }
            tokio::time::sleep(BUSY_PAUSE).await;
        }
        paced.waits_us.record(due.elapsed().as_micros() as u64)?;
    }
    Ok(paced)
}
