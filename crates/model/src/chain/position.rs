//! An element's place among its siblings.

/// The place of an element among its element siblings, and among those of its own tag. All four count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    index: u32,
    count: u32,
    type_index: u32,
    type_count: u32,
}

impl Position {
    /// The only element of its parent, as the root is.
    pub const ALONE: Self = Self { index: 1, count: 1, type_index: 1, type_count: 1 };

    /// The `index`th of `count` siblings, and the `type_index`th of `type_count` of the same tag; none if no page can have that.
    #[must_use]
    pub const fn new(index: u32, count: u32, type_index: u32, type_count: u32) -> Option<Self> {
        let within = 1 <= type_index && type_index <= index && type_index <= type_count && index <= count;
        if within && type_count - type_index <= count - index {
            Some(Self { index, count, type_index, type_count })
        } else {
            None
        }
    }

    /// The place among all siblings.
    #[must_use]
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many siblings there are, itself included.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count
    }

    /// The place among the siblings of the same tag.
    #[must_use]
    pub const fn type_index(self) -> u32 {
        self.type_index
    }

    /// How many siblings have the same tag, itself included.
    #[must_use]
    pub const fn type_count(self) -> u32 {
        self.type_count
    }
}
