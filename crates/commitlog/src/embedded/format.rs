//! The bytes of a segment, as docs/format.md draws them. All integers are little-endian.

/// Bytes before a segment's first frame.
pub(super) const SEGMENT_HEADER_BYTES: usize = 32;
/// Bytes before a record's payload.
pub(super) const FRAME_HEADER_BYTES: usize = 24;

const MAGIC: &[u8; 8] = b"CAIRNLOG";
const VERSION: u32 = 1;
/// The length that marks a seal: a frame without payload that says "all before me is durable".
const SEAL: u32 = u32::MAX;

/// The name of the segment that begins with record `first`.
pub(super) fn segment_name(first: u64) -> String {
    format!("{first:020}.log")
}

/// The inverse of [`segment_name`]; `None` for any other file.
pub(super) fn parse_segment_name(name: &str) -> Option<u64> {
    let first = name.strip_suffix(".log")?.parse().ok()?;
    (segment_name(first) == name).then_some(first)
}

/// The first bytes of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SegmentHeader {
    /// The offset of the first record; also the file's name.
    pub(super) first: u64,
    /// Random, and part of every frame's checksum: bytes from elsewhere, a payload's for one, can never pass for a frame.
    pub(super) salt: u64,
}

/// What stands where a segment's header should.
pub(super) enum ReadHeader {
    Valid(SegmentHeader),
    OtherVersion(u32),
    Bad,
}

impl SegmentHeader {
    pub(super) fn encode(self) -> [u8; SEGMENT_HEADER_BYTES] {
        let mut bytes = [0; SEGMENT_HEADER_BYTES];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..16].copy_from_slice(&self.first.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.salt.to_le_bytes());
        bytes[24..28].copy_from_slice(&VERSION.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..28]);
        bytes[28..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    pub(super) fn decode(bytes: &[u8], check_crc: bool) -> ReadHeader {
        if bytes.len() < SEGMENT_HEADER_BYTES || &bytes[..8] != MAGIC {
            return ReadHeader::Bad;
        }
        if check_crc && crc32c::crc32c(&bytes[..28]) != u32_at(bytes, 28) {
            return ReadHeader::Bad;
        }
        match u32_at(bytes, 24) {
            VERSION => ReadHeader::Valid(Self { first: u64_at(bytes, 8), salt: u64_at(bytes, 16) }),
            other => ReadHeader::OtherVersion(other),
        }
    }
}

/// The header of a record, or a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    length: u32,
    payload_crc: u32,
    /// The record's offset; of a seal, the next record's.
    pub(super) offset: u64,
    /// How many records of the same write stand before this one.
    in_batch: u32,
}

impl Frame {
    pub(super) fn record(offset: u64, in_batch: u32, payload_bytes: u32, payload_crc: u32) -> Self {
        Self { length: payload_bytes, payload_crc, offset, in_batch }
    }

    pub(super) fn seal(offset: u64) -> Self {
        Self { length: SEAL, payload_crc: 0, offset, in_batch: 0 }
    }

    pub(super) fn is_seal(&self) -> bool {
        self.length == SEAL
    }

    /// Bytes of payload that follow the header.
    pub(super) fn payload_bytes(&self) -> usize {
        if self.is_seal() { 0 } else { self.length as usize }
    }

    /// Header and payload.
    pub(super) fn total_bytes(&self) -> usize {
        FRAME_HEADER_BYTES + self.payload_bytes()
    }

    /// Every record below this offset was durable before this frame was written.
    pub(super) fn durable_before(&self) -> u64 {
        self.offset.saturating_sub(u64::from(self.in_batch))
    }
}

/// Reads and writes the frames of one segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Codec {
    pub(super) salt: u64,
    pub(super) check_crc: bool,
}

impl Codec {
    pub(super) fn encode(&self, frame: &Frame) -> [u8; FRAME_HEADER_BYTES] {
        let mut bytes = [0; FRAME_HEADER_BYTES];
        bytes[..4].copy_from_slice(&frame.length.to_le_bytes());
        bytes[4..8].copy_from_slice(&frame.payload_crc.to_le_bytes());
        bytes[8..16].copy_from_slice(&frame.offset.to_le_bytes());
        bytes[16..20].copy_from_slice(&frame.in_batch.to_le_bytes());
        let crc = self.header_crc(&bytes);
        bytes[20..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// The frame whose header begins `bytes`, if it is one of this segment's.
    pub(super) fn decode(&self, bytes: &[u8]) -> Option<Frame> {
        if bytes.len() < FRAME_HEADER_BYTES {
            return None;
        }
        let crc = u32_at(bytes, 20);
        if crc == 0 || (self.check_crc && crc != self.header_crc(bytes)) {
            return None;
        }
        Some(Frame {
            length: u32_at(bytes, 0),
            payload_crc: u32_at(bytes, 4),
            offset: u64_at(bytes, 8),
            in_batch: u32_at(bytes, 16),
        })
    }

    /// Whether `payload` is what `frame` was written with.
    pub(super) fn accepts(&self, frame: &Frame, payload: &[u8]) -> bool {
        !self.check_crc || crc32c::crc32c(payload) == frame.payload_crc
    }

    /// Whether a frame of this segment that begins `bytes` proves that record `offset` was durable.
    pub(super) fn proves_durable(&self, bytes: &[u8], offset: u64) -> bool {
        // The cheap comparison first: this is asked at every byte of a torn tail.
        bytes.len() >= FRAME_HEADER_BYTES
            && u64_at(bytes, 8) > offset
            && self.decode(bytes).is_some_and(|frame| frame.durable_before() > offset)
    }

    /// Never 0, so that empty space is never a frame.
    fn header_crc(&self, bytes: &[u8]) -> u32 {
        crc32c::crc32c_append(crc32c::crc32c(&self.salt.to_le_bytes()), &bytes[..20]).max(1)
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let mut field = [0; 4];
    field.copy_from_slice(&bytes[at..at + 4]);
    u32::from_le_bytes(field)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    let mut field = [0; 8];
    field.copy_from_slice(&bytes[at..at + 8]);
    u64::from_le_bytes(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_1_has_these_bytes() {
        let header = SegmentHeader { first: 0x0102, salt: 0x1122_3344_5566_7788 }.encode();
        assert_eq!(header, *b"CAIRNLOG\x02\x01\0\0\0\0\0\0\x88\x77\x66\x55\x44\x33\x22\x11\x01\0\0\0\xab\x44\xe8\x1a");
        let codec = Codec { salt: 0x1122_3344_5566_7788, check_crc: true };
        let frame = Frame::record(0x0105, 3, 5, crc32c::crc32c(b"hello"));
        let bytes = codec.encode(&frame);
        assert_eq!(bytes, *b"\x05\0\0\0\x4c\xbb\x71\x9a\x05\x01\0\0\0\0\0\0\x03\0\0\0\x17\x5b\xa5\xd5");
        assert_eq!(codec.decode(&bytes), Some(frame));
        assert_eq!(frame.durable_before(), 0x0102);
    }

    #[test]
    fn names_and_only_names_parse() {
        assert_eq!(parse_segment_name(&segment_name(42)), Some(42));
        for name in ["42.log", "00000000000000000042.tmp", "+0000000000000000042.log", "lock"] {
            assert_eq!(parse_segment_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_frame_of_another_segment_or_empty_space_is_none() {
        let codec = Codec { salt: 1, check_crc: true };
        let other = Codec { salt: 2, check_crc: true };
        assert_eq!(other.decode(&codec.encode(&Frame::seal(9))), None);
        assert_eq!(codec.decode(&[0; FRAME_HEADER_BYTES]), None);
    }
}
