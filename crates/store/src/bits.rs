//! Sets of numbers as bits: bit `i % 64` of word `i / 64` is number `i`.

/// The numbers in a set from those of word `first` on, rising.
pub(crate) fn ones(words: &[u64], first: usize) -> impl Iterator<Item = u32> {
    words.iter().enumerate().skip(first).flat_map(|(at, word)| {
        let mut rest = *word;
        std::iter::from_fn(move || {
            let bit = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Some(at as u32 * 64 + bit)
        })
    })
}

/// How many numbers lie before each word.
pub(crate) fn before(words: &[u64]) -> impl Iterator<Item = u32> {
    let mut sum = 0;
    words.iter().map(move |word| {
        sum += word.count_ones();
        sum - word.count_ones()
    })
}

/// How many of a word's bits are set below `bit`, of its 64.
#[inline]
pub(crate) fn below(word: u64, bit: usize) -> u32 {
    (word & !(u64::MAX << bit)).count_ones()
}
