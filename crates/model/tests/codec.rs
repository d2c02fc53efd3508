//! Batches are read as they were written, and bytes of anybody else are refused without harm.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use cairn_model::{Batch, BatchWriter, Message, ProjectId, RawMessage};
use cairn_testkit::generate;
use proptest::{collection::vec, prelude::*};

fn write(messages: &[Message<'_>]) -> Vec<u8> {
    let mut batch = BatchWriter::new(ProjectId::new(3).unwrap());
    messages.iter().for_each(|message| batch.push(message));
    batch.finish()
}

fn read(payload: &[u8]) -> Result<Vec<Message<'static>>, cairn_model::CodecError> {
    let batch = Batch::parse(payload)?;
    let messages = batch.messages()?.into_iter().map(|message| match message {
        RawMessage::Event(row) => Ok(Message::Event(batch.event(&row)?.into_owned())),
        RawMessage::Other(message) => Ok(message.into_owned()),
    });
    messages.collect()
}

proptest! {
    #[test]
    fn batches_round_trip(messages in vec(generate::message(), 0..20)) {
        prop_assert_eq!(read(&write(&messages)).unwrap(), messages);
    }

    #[test]
    fn no_bytes_do_harm(messages in vec(generate::message(), 1..5), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut payload = write(&messages);
        let at = at.index(payload.len());
        payload[at] = byte;
        if cut {
            payload.truncate(at);
        }
        drop(read(&payload));
    }
}

#[test]
fn more_than_the_messages_is_refused() {
    let mut payload = write(&[]);
    payload.push(0);
    assert!(read(&payload).is_err());
}
