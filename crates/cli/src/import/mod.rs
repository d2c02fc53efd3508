//! Bringing in files: one thread reads and decodes, this one checks and encodes, the log or a server writes.

mod progress;
mod sink;
mod tally;

use std::{path::PathBuf, sync::mpsc, thread};

use anyhow::Context;
use cairn_model::{Message, TimeMs};

pub(crate) use progress::Progress;
pub(crate) use sink::{DrySink, Place, Sink};
pub(crate) use tally::Tally;

use crate::rows::{self, EncodedRow, Kind, ReadOptions, RowBatch, check};

/// So many batches may wait between the threads.
const BATCHES_WAITING: usize = 4;

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
    if sink.takes_encoded() && batch.has_encoded_rows() {
        return push_encoded(batch, file, now, sink, tally);
    }
    for at in 0..batch.len() {
        let place = Place { file, row: batch.number(at) };
        tally.count_row();
        let messages = batch.row(at).and_then(|row| match kind {
            Kind::Events => Ok((Some(Message::Event(check::event(row, now)?)), Vec::new())),
            Kind::Users => Ok((None, check::user(row, now)?)),
        });
        match messages {
            Err(refusal) => tally.refuse(place, &refusal),
            Ok((event, messages)) => {
                tally.accept();
                for message in event.iter().chain(&messages) {
                    sink.push(message, place, tally)?;
                }
            }
        }
    }
    Ok(())
}

/// The same for rows that are encoded already.
fn push_encoded(
    batch: &dyn RowBatch,
    file: usize,
    now: TimeMs,
    sink: &mut dyn Sink,
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let mut row = EncodedRow::default();
    for at in 0..batch.len() {
        tally.count_row();
        match batch.encoded_row(at, &mut row).and_then(|()| check::encoded_event(&row, now)) {
            Err(refusal) => tally.refuse(Place { file, row: batch.number(at) }, &refusal),
            Ok(event) => {
                tally.accept();
                sink.push_encoded(&event, &row)?;
            }
        }
    }
    Ok(())
}
