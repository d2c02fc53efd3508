//! Partials that travel: what a kernel found elsewhere, as bytes.
//!
//! ```text
//! version 1 | kernel | values a group has | groups | (per group, per value: 0, or 1 and the value's bytes) ... | the kernel's own
//! ```
//!
//! Groups are numbered by arrival in the interner of one run, so bytes number the groups that they name anew, and say what those are; a reader finds or
//! makes them in its own. Numbers are varints. Only users that are closed travel. No reader trusts a byte: what is wrong is an error,
//! and memory is taken for what is there, not for what a length says.

mod decode;
mod encode;
mod gathered;
mod plans;
mod run;
mod spec;
mod worker;

pub use decode::Decoder;
pub use encode::Encoder;
pub use gathered::{Gathered, json_value};
pub use spec::KernelSpec;
pub(crate) use spec::{Counted, FunnelSpec, Kind, NodesSpec, PeriodsSpec, Stretches};
pub use worker::{Worker, partial_of};

use cairn_model::CodecError;

use crate::{Groups, Kernel};

/// A kernel whose partials can travel.
pub trait Portable: Kernel {
    /// What a worker elsewhere has to know, to make partials of this kernel.
    fn spec(&self) -> KernelSpec;

    /// Appends what is known of the users who are closed.
    fn encode(&self, partial: &Self::Partial, to: &mut Encoder<'_>);

    /// Reads what [`Portable::encode`] of a kernel of the same [`Portable::spec`] wrote.
    fn decode(&self, from: &mut Decoder<'_>) -> Result<Self::Partial, PartialError>;
}

/// Bytes or words that are none of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("part of an analysis cannot be read: {0}")]
pub struct PartialError(pub String);

impl PartialError {
    pub(crate) fn new(why: &str) -> Self {
        Self(why.to_owned())
    }
}

impl From<CodecError> for PartialError {
    fn from(error: CodecError) -> Self {
        Self::new(error.0)
    }
}

/// A partial as bytes. `groups` are the kernel's.
pub fn encode_partial<K: Portable>(kernel: &K, groups: &Groups, partial: &K::Partial) -> Vec<u8> {
    let spec = kernel.spec();
    let mut encoder = Encoder::new(groups);
    kernel.encode(partial, &mut encoder);
    encoder.finish(spec.tag(), spec.keys())
}

/// The partial of which these are the bytes; its groups are of `groups`, which are the kernel's.
pub fn decode_partial<K: Portable>(kernel: &K, groups: &Groups, bytes: &[u8]) -> Result<K::Partial, PartialError> {
    let spec = kernel.spec();
    let mut decoder = Decoder::new(bytes, (spec.tag(), spec.keys()), groups)?;
    let partial = kernel.decode(&mut decoder)?;
    decoder.end()?;
    Ok(partial)
}
