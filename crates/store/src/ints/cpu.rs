//! The block loops, compiled twice: for any processor of the target and for those with AVX2. The choice is made when
//! the program runs.
#![allow(unsafe_code)]

use super::choose::Survey;
use super::lookup::WORD;
use super::marks::Rows;
use super::{BLOCK, Int, choose, marks, packing};

/// Proof that the processor has AVX2: there is no other way to a value than [`Avx2::detect`].
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
pub(crate) struct Avx2(());

impl Avx2 {
    /// Asks the processor; the standard library keeps the answer, so that this is one load from memory.
    #[inline(always)]
    pub(super) fn detect() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Some(Avx2(()));
        }
        None
    }
}

/// Tells the processor that `byte` will be read soon. Waits for nothing, where reading it would hold up what comes after.
#[inline(always)]
pub(super) fn prefetch(byte: &u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: prefetching only hints, and may name any address.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(byte).cast());
    }
    let _ = byte;
}

/// Defines a function that runs `$plain` compiled with AVX2 if there is proof that the processor has it, and as it is
/// otherwise.
macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident = $plain:path, ($($arg:ident: $type:ty),*) $(-> $result:ty)?) => {
        $(#[$doc])*
        pub(super) fn $name<T: Int>(cpu: Option<Avx2>, $($arg: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn with_avx2<T: Int>($($arg: $type),*) $(-> $result)? {
                    $plain($($arg),*)
                }
                if cpu.is_some() {
                    // SAFETY: `with_avx2` needs a processor with AVX2, and nothing else; the value in `cpu` proves it.
                    return unsafe { with_avx2($($arg),*) };
                }
            }
            let _ = cpu;
            $plain($($arg),*)
        }
    };
}

dispatch! {
    /// See [`packing::pack`].
    pack = packing::pack, (values: &[T; BLOCK], base: T, width: u32, out: &mut [u8])
}

dispatch! {
    /// See [`packing::unpack`].
    unpack = packing::unpack, (packed: &[u8], base: T, width: u32, out: &mut [T; BLOCK])
}

dispatch! {
    /// See [`packing::unpack_word`].
    unpack_word = packing::unpack_word, (packed: &[u8], base: T, width: u32, word: usize, out: &mut [T; WORD])
}

dispatch! {
    /// See [`choose::survey`].
    survey = choose::survey, (values: &[T; BLOCK], candidates: [T; 3]) -> Survey<T>
}

dispatch! {
    /// See [`choose::gap`].
    gap = choose::gap, (values: &[T; BLOCK], end: T, above: bool) -> T
}

dispatch! {
    /// See [`marks::others`].
    others = marks::others, (values: &[T; BLOCK], common: T) -> Rows
}

dispatch! {
    /// See [`marks::run_ends`].
    run_ends = marks::run_ends, (values: &[T; BLOCK]) -> Rows
}
