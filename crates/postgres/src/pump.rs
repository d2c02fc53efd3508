//! What is taken of an answer's rows by the thread that serves the connection, and handed over many at a time: to wake another thread
//! for each few rows that arrive takes longer than to read them.

use std::{mem, pin::Pin};

use futures_util::StreamExt;
use tokio::{runtime::Handle, sync::mpsc, task::JoinHandle};
use tokio_postgres::{Error, Row, RowStream};

/// So many rows are handed over at once.
const ROWS_MAX: usize = 1_024;
/// So many times as many wait to be looked at.
const WAITING_MAX: usize = 4;

/// What was taken of some rows.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    pub(crate) all: Vec<T>,
    /// Bytes of the rows.
    pub(crate) bytes: u64,
}

/// What is to come.
pub(crate) struct Pump<T> {
    waiting: mpsc::Receiver<Result<Taken<T>, Error>>,
    task: JoinHandle<()>,
}

impl<T: Send + 'static> Pump<T> {
    pub(crate) fn start(runtime: &Handle, rows: RowStream, take: impl Fn(Row) -> T + Send + 'static) -> Self {
        let (hand_over, waiting) = mpsc::channel(WAITING_MAX);
        Self { waiting, task: runtime.spawn(pump(Box::pin(rows), take, hand_over)) }
    }

    /// What was taken of the next rows; nothing once there are no more.
    pub(crate) async fn next(&mut self) -> Option<Result<Taken<T>, Error>> {
        self.waiting.recv().await
    }
}

/// What nobody awaits any more is not read.
impl<T> Drop for Pump<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn pump<T>(
    mut rows: Pin<Box<RowStream>>,
    take: impl Fn(Row) -> T,
    hand_over: mpsc::Sender<Result<Taken<T>, Error>>,
) {
    let mut some = Taken { all: Vec::new(), bytes: 0 };
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => {
                some.bytes += row.raw_size_bytes() as u64;
                some.all.push(take(row));
            }
            Err(error) => {
                // Nobody may be there to hear it.
                let _ = hand_over.send(Err(error)).await;
                return;
            }
        }
        if some.all.len() == ROWS_MAX {
            let all = mem::replace(&mut some, Taken { all: Vec::with_capacity(ROWS_MAX), bytes: 0 });
            if hand_over.send(Ok(all)).await.is_err() {
                return;
            }
        }
    }
    let _ = hand_over.send(Ok(some)).await;
}
