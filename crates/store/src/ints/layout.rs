//! The directory entry of a block.

/// Coded as: the value itself, in the entry.
pub(super) const CONSTANT: u8 = 0;
/// Coded as: the value itself, in the payload.
pub(super) const WIDE: u8 = 1;
/// Coded as: base and vertically packed differences.
pub(super) const PACKED: u8 = 2;
/// Coded as: ends and values of runs.
pub(super) const RUNS: u8 = 3;
/// Coded as: a common value, and rows and values of the exceptions.
pub(super) const FEW: u8 = 4;
/// Coded as: a common value, a bitmap and the values of the exceptions.
pub(super) const SPARSE: u8 = 5;

/// Bits of a row in a block.
pub(super) const ROW_BITS: u32 = 10;
/// Bytes of an entry, of the count before the directory, and the unit of payload places.
pub(super) const UNIT: usize = 8;
/// Bytes of the bitmap of a sparse block.
pub(super) const BITMAP: usize = super::BLOCK / 8;

/// A directory entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Place of the payload, in units; in a constant, the value.
    pub(super) at: u32,
    /// How the block is coded.
    pub(super) kind: u8,
    /// Bits of a coded value.
    pub(super) width: u8,
    /// Count of runs or of exceptions.
    pub(super) extra: u16,
}

impl Entry {
    /// The entry as it is stored.
    pub(super) fn to_bytes(self) -> [u8; UNIT] {
        let [a, b, c, d] = self.at.to_le_bytes();
        let [e, f] = self.extra.to_le_bytes();
        [a, b, c, d, self.kind, self.width, e, f]
    }

    /// The entry stored as `bytes`.
    #[inline(always)]
    pub(super) fn from_bytes([a, b, c, d, kind, width, e, f]: [u8; UNIT]) -> Self {
        Entry { at: u32::from_le_bytes([a, b, c, d]), kind, width, extra: u16::from_le_bytes([e, f]) }
    }
}
