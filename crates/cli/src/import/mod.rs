//! Bringing in files: one thread reads and decodes, this one checks and encodes, the log or a server writes.

mod progress;
mod sink;
mod tally;

use std::{path::PathBuf, sync::mpsc, thread};

use anyhow::Context;
use cairn_model::{Message, Refusal, TimeMs};

pub(crate) use progress::Progress;
pub(crate) use sink::{DrySink, Place, Sink};
pub(crate) use tally::Tally;

use crate::rows::{self, Kind, ReadOptions, RowBatch, check};

/// So many batches may wait between the threads.
const BATCHES_WAITING: usize = 4;

/// A sink is given about so many bytes of rows at a time.
const SLICE_BYTES: usize = 4 << 20;

type Read = anyhow::Result<(usize, Box<dyn RowBatch>)>;

/// Reads `files` in order and hands their messages to `sink`. Rows that cannot be taken are counted; the error is that of a
/// file which cannot be read on, or of the sink.
pub(crate) fn run(
    files: &[PathBuf],
    options: &ReadOptions,
    now: TimeMs,
    sink: &mut dyn Sink,
    progress: &mut Progress,
) -> anyhow::Result<Tally> {
    let mut tally = Tally::new(files);
    thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<Read>(BATCHES_WAITING);
        scope.spawn(move || read_all(files, options, &sender));
        for read in receiver {
            let (file, batch) = read?;
            push_all(options.kind, &*batch, file, now, sink, &mut tally)?;
            progress.advance(batch.bytes(), tally.rows());
        }
        anyhow::Ok(())
    })?;
    sink.finish(&mut tally)?;
    Ok(tally)
}

/// Ends early when nobody listens any more.
fn read_all(files: &[PathBuf], options: &ReadOptions, sender: &mpsc::SyncSender<Read>) {
    for (at, file) in files.iter().enumerate() {
        let read = || {
            let (mut reader, _) = rows::open(file, options)?;
            while let Some(batch) = reader.next_batch().with_context(|| rows::display(file))? {
                if sender.send(Ok((at, batch))).is_err() {
                    break;
                }
            }
            anyhow::Ok(())
        };
        if let Err(error) = read() {
            // The receiver stops at the first error.
            let _ = sender.send(Err(error));
            return;
        }
    }
}

fn push_all(
    kind: Kind,
    batch: &dyn RowBatch,
    file: usize,
    now: TimeMs,
    sink: &mut dyn Sink,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let push = |row: usize, sink: &mut dyn Sink, tally: &mut Tally| {
        let place = Place { file, row: batch.number(row) };
        match messages(kind, batch, row, now) {
            Err(refusal) => tally.refuse(place, &refusal),
            Ok((event, messages)) => {
                tally.accept(1);
                for message in event.iter().chain(&messages) {
                    sink.push(message, place, tally)?;
                }
            }
        }
        anyhow::Ok(())
    };
    tally.count_rows(batch.len());
    if !sink.takes_columns() || !batch.has_columns() {
        return (0..batch.len()).try_for_each(|row| push(row, sink, tally));
    }
    let mut next = 0;
    while next < batch.len() {
        let rows = batch.fitting(next, SLICE_BYTES);
        next = rows.end;
        let left = sink.push_columns(batch, rows.clone(), now)?;
        tally.accept(rows.len() - left.len());
        left.into_iter().try_for_each(|row| push(row, sink, tally))?;
    }
    Ok(())
}

/// The messages of a row: an event, or what is said of a user.
fn messages(
    kind: Kind,
    batch: &dyn RowBatch,
    row: usize,
    now: TimeMs,
) -> Result<(Option<Message<'_>>, Vec<Message<'_>>), Refusal> {
    let row = batch.row(row)?;
    Ok(match kind {
        Kind::Events => (Some(Message::Event(check::event(row, now)?)), Vec::new()),
        Kind::Users => (None, check::user(row, now)?),
    })
}
