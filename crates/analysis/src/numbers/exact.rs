//! Sums that do not depend on the order of what is summed up.

/// The exact sum of numbers, as a whole number of the least parts that a number can have: 2^-1074. Each is added where its digits
/// belong, and rounded is only the result: to the number next to it, of two the even one. (A "small superaccumulator", R. M. Neal, Fast
/// exact summation using small and large superaccumulators, 2015.)
#[derive(Clone, Debug)]
pub(super) struct ExactSum {
    /// Digits to the base 2^32, the least first. Between calls each is less than the base and not negative, but for the last one.
    digits: [i64; DIGITS],
    /// Those that were touched.
    first: usize,
    end: usize,
    /// The sum of what is not finite.
    infinite: f64,
}

/// The greatest number reaches into the last one.
const DIGITS: usize = 66;
const DIGIT_BITS: usize = 32;
const DIGIT: i64 = (1 << DIGIT_BITS) - 1;
/// After so many numbers carries are due.
const ADDS_MAX: usize = 1 << 30;
/// So many numbers fit into [`Near`], whose size is that of a number, of the greatest shift, and of how many they are.
const NEAR_MAX: usize = 1 << 20;
/// A number whose place is so far above that of the others is too great for them.
const NEAR_SHIFT_MAX: usize = 127 - 53 - 20;
/// Where the numbers begin that are this much smaller than the first.
const NEAR_BELOW: usize = 24;
/// The highest place from which two words end within the digits.
const NEAR_PLACE_MAX: usize = (DIGITS - 3) * DIGIT_BITS - 64;
const FRACTION_BITS: usize = 52;
/// The exponent of what is not finite.
const EXPONENT_MAX: usize = 0x7ff;

impl Default for ExactSum {
    fn default() -> Self {
        Self { digits: [0; DIGITS], first: DIGITS, end: 0, infinite: 0.0 }
    }
}

impl ExactSum {
    /// Begins at nothing again.
    pub(super) fn clear(&mut self) {
        if self.first < self.end {
            self.digits[self.first..self.end].fill(0);
        }
        (self.first, self.end, self.infinite) = (DIGITS, 0, 0.0);
    }

    /// Adds these numbers. Most are about as great as each other: they are added up in two words, and those to the digits.
    pub(super) fn add(&mut self, numbers: impl Iterator<Item = f64>) {
        let (mut near, mut left, mut until_carry) = (Near::default(), NEAR_MAX, ADDS_MAX);
        for number in numbers {
            if !near.add(number) {
                near = self.add_far(near, number);
            }
            left -= 1;
            if left == 0 {
                self.add_near(&near);
                (near, left) = (Near::default(), NEAR_MAX);
                // The two words count, too.
                until_carry -= NEAR_MAX + 2;
                if until_carry < 2 * (NEAR_MAX + 2) {
                    self.carry();
                    until_carry = ADDS_MAX;
                }
            }
        }
        self.add_near(&near);
        self.carry();
    }

    /// Adds numbers, fewer than 2^32, that have one sign and one exponent: their digits can be added up as they are.
    pub(super) fn add_alike(&mut self, numbers: impl ExactSizeIterator<Item = f64> + Clone) {
        let Some(first) = numbers.clone().next() else { return };
        let place = match parts(first) {
            Some((place, _)) if place <= NEAR_PLACE_MAX => place,
            _ => return self.add(numbers),
        };
        let ones = if first.to_bits() >> FRACTION_BITS & EXPONENT_MAX as u64 > 0 { numbers.len() as u64 } else { 0 };
        let (mut low, mut high) = (0_u64, 0_u64);
        for number in numbers {
            let fraction = number.to_bits() & ((1 << FRACTION_BITS) - 1);
            low += fraction & DIGIT as u64;
            high += fraction >> DIGIT_BITS;
        }
        let sum = u128::from(low) + (u128::from(high) << DIGIT_BITS) + (u128::from(ones) << FRACTION_BITS);
        let sign = first.to_bits() as i64 >> 63;
        self.add_at(place, sum as u64, sign);
        self.add_at(place + 64, (sum >> 64) as u64, sign);
        self.carry();
    }

    /// Adds a number that is not near to the others, or the first one of them. Returns to which ones the next may be near.
    #[cold]
    fn add_far(&mut self, mut near: Near, number: f64) -> Near {
        if near.sum == 0 {
            near = Near::around(number);
            if near.add(number) {
                return near;
            }
        }
        match parts(number) {
            Some((_, 0)) => {}
            // All ones for a negative number.
            Some((place, fraction)) => self.add_at(place, fraction, number.to_bits() as i64 >> 63),
            None => self.infinite += number,
        }
        near
    }

    fn add_near(&mut self, near: &Near) {
        let (sum, sign) = (near.sum.unsigned_abs(), (near.sum >> 127) as i64);
        for (word, place) in [(sum as u64, near.place), ((sum >> 64) as u64, near.place + 64)] {
            if word != 0 {
                self.add_at(place, word, sign);
            }
        }
    }

    /// Adds a whole number of 2^`place`; takes it away where `sign` is all ones.
    #[inline]
    fn add_at(&mut self, place: usize, number: u64, sign: i64) {
        let (at, shifted) = (place / DIGIT_BITS, u128::from(number) << (place % DIGIT_BITS));
        for (digit, part) in self.digits[at..at + 3].iter_mut().enumerate() {
            let own = (shifted >> (digit * DIGIT_BITS)) as i64 & DIGIT;
            *part += (own ^ sign) - sign;
        }
        (self.first, self.end) = (self.first.min(at), self.end.max(at + 3));
    }

    /// Adds the sum of others.
    pub(super) fn merge(&mut self, from: &Self) {
        self.infinite += from.infinite;
        if from.first < from.end {
            let range = from.first..from.end;
            self.digits[range.clone()].iter_mut().zip(&from.digits[range]).for_each(|(into, from)| *into += from);
            (self.first, self.end) = (self.first.min(from.first), self.end.max(from.end));
            self.carry();
        }
    }

    /// Leaves each digit but the last less than the base, and not negative.
    fn carry(&mut self) {
        let Some((last, digits)) = self.digits.get_mut(self.first..self.end).and_then(<[i64]>::split_last_mut) else {
            return;
        };
        let mut carry = 0;
        for digit in digits {
            let sum = *digit + carry;
            (*digit, carry) = (sum & DIGIT, sum >> DIGIT_BITS);
        }
        *last += carry;
    }

    /// The sum, rounded.
    pub(super) fn value(&self) -> f64 {
        if self.infinite != 0.0 {
            return self.infinite;
        }
        let Some(last) = self.end.checked_sub(1) else {
            return 0.0;
        };
        let (mut sum, negative) = (self.clone(), self.digits[last] < 0);
        if negative {
            sum.digits[sum.first..sum.end].iter_mut().for_each(|digit| *digit = -*digit);
            sum.carry();
        }
        // The last one may be greater than the others: then it is two.
        let digit = |at: usize| if at > last { sum.digits[last] >> DIGIT_BITS } else { sum.digits[at] & DIGIT };
        let Some(top) = (self.first..=self.end).rev().find(|at| digit(*at) != 0) else {
            return 0.0;
        };
        let low = top.saturating_sub(2);
        let shown = (low..=top).rev().fold(0, |shown, at| shown << DIGIT_BITS | digit(at) as u128);
        // Of what is further down only matters whether it is there: then nothing is a tie.
        let more = (self.first..low).any(|at| digit(at) != 0);
        let value = (shown | u128::from(more)) as f64 * power(low * DIGIT_BITS);
        if negative { -value } else { value }
    }
}

/// The sum of at most [`NEAR_MAX`] numbers that are about as great as each other: a whole number of 2^`place`.
#[derive(Default)]
struct Near {
    place: usize,
    sum: i128,
}

impl Near {
    /// Of numbers like this one.
    fn around(number: f64) -> Self {
        let place = parts(number).map_or(0, |(place, _)| place.saturating_sub(NEAR_BELOW));
        Self { place: place.min(NEAR_PLACE_MAX), sum: 0 }
    }

    /// Adds a number; false if it is too small or too great.
    #[inline]
    fn add(&mut self, number: f64) -> bool {
        let Some((place, fraction)) = parts(number) else { return false };
        let shift = place.wrapping_sub(self.place);
        if shift > NEAR_SHIFT_MAX {
            return false;
        }
        let sign = i128::from(number.to_bits() as i64 >> 63);
        // That the shift is less than 64 is known: so it takes half of the steps.
        self.sum += ((i128::from(fraction) << (shift & 63)) ^ sign) - sign;
        true
    }
}

/// A number without its sign, as a whole number of 2^place times the least part; `None` if it is not finite.
#[inline]
fn parts(number: f64) -> Option<(usize, u64)> {
    let bits = number.to_bits();
    let exponent = (bits >> FRACTION_BITS) as usize & EXPONENT_MAX;
    let fraction = bits & ((1 << FRACTION_BITS) - 1) | u64::from(exponent > 0) << FRACTION_BITS;
    (exponent != EXPONENT_MAX).then_some((exponent.max(1) - 1, fraction))
}

/// 2^(`exponent` - 1074).
fn power(exponent: usize) -> f64 {
    match exponent.checked_sub(FRACTION_BITS) {
        Some(exponent) => f64::from_bits((exponent as u64 + 1) << FRACTION_BITS),
        None => f64::from_bits(1 << exponent),
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::Index, test_runner::TestRunner};

    use super::*;

    fn sum(numbers: &[f64]) -> f64 {
        let mut sum = ExactSum::default();
        sum.add(numbers.iter().copied());
        sum.value()
    }

    /// The numbers' parts that do not overlap, by exact additions of two; then the sum is that of the last ones, but for ties. (J. R.
    /// Shewchuk, Adaptive precision floating-point arithmetic, 1997; the rounding is that of Python's `fsum`.)
    fn of_parts(numbers: &[f64]) -> f64 {
        let mut parts: Vec<f64> = Vec::new();
        for number in numbers {
            let mut number = *number;
            let mut kept = Vec::new();
            for part in parts {
                let (great, small) = if number.abs() < part.abs() { (part, number) } else { (number, part) };
                number = great + small;
                let rest = small - (number - great);
                if rest != 0.0 {
                    kept.push(rest);
                }
            }
            kept.push(number);
            parts = kept;
        }
        let mut sum = parts.pop().unwrap_or(0.0);
        while let Some(part) = parts.pop() {
            let before = sum;
            sum += part;
            let rest = part - (sum - before);
            if rest != 0.0 {
                let same_side = parts.last().is_some_and(|next| *next != 0.0 && (*next < 0.0) == (rest < 0.0));
                let twice = sum + rest * 2.0;
                return if same_side && rest * 2.0 == twice - sum { twice } else { sum };
            }
        }
        sum
    }

    #[test]
    fn numbers_that_are_alike_are_added_up_as_others_are() {
        for (low, high) in [(256.0, 512.0), (0.0, f64::MIN_POSITIVE), (5e307, 8e307), (2e-308, 4e-308)] {
            for sign in [1.0, -1.0] {
                let numbers =
                    (0..5_000_u32).map(|at| sign * (low + (high - low) * (f64::from(at * 7919 % 5_000) / 5_000.0)));
                let all: Vec<f64> = numbers.clone().collect();
                for alike in all.chunk_by(|a, b| a.to_bits() >> FRACTION_BITS == b.to_bits() >> FRACTION_BITS) {
                    let mut found = ExactSum::default();
                    found.add([0.1, -3e300].into_iter());
                    found.add_alike(alike.iter().copied());
                    assert_eq!(found.value(), sum(&[&[0.1, -3e300], alike].concat()), "{low} {sign}");
                }
            }
        }
        let mut infinite = ExactSum::default();
        infinite.add_alike([f64::INFINITY; 3].into_iter());
        assert_eq!(infinite.value(), f64::INFINITY);
    }

    #[test]
    fn sums_are_rounded_once() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(sum(&[1e308, 1e308, -1e308, -1e308, 3.0]), 3.0);
        assert_eq!(sum(&[1e308, 1e308]), f64::INFINITY);
        assert_eq!(sum(&[-f64::MAX, -f64::MAX]), f64::NEG_INFINITY);
        assert_eq!(sum(&[f64::INFINITY, 1.0]), f64::INFINITY);
        let least = f64::from_bits(1);
        assert_eq!(sum(&[least, least, least]), f64::from_bits(3));
        assert_eq!(sum(&[-least, -f64::MIN_POSITIVE]), -f64::MIN_POSITIVE - least);
        let (one, half, bit) = (1.0, f64::EPSILON / 2.0, f64::EPSILON);
        // A tie goes to the even one, unless there is anything more.
        assert_eq!(sum(&[one, half]), one);
        assert_eq!(sum(&[one, bit, half]), one + 2.0 * bit);
        assert_eq!(sum(&[one, half, least]), one + bit);
        assert_eq!(sum(&[-one, -half, -least]), -one - bit);
        assert_eq!(sum(&[one, half, -least]), one);
    }

    #[test]
    fn many_numbers_are_exact_however_much_greater_than_the_first() {
        let first = 1_i128 << FRACTION_BITS;
        let greatest = (1_i128 << (FRACTION_BITS + 1)) - 1;
        let most = NEAR_SHIFT_MAX - NEAR_BELOW;
        for count in [NEAR_MAX - 1, NEAR_MAX, 2 * NEAR_MAX + 1] {
            for above in [0, most, most + 1] {
                let great = greatest << above;
                let expected = (first + count as i128 * great) as f64;
                for sign in [1.0, -1.0] {
                    let numbers = std::iter::once(first).chain(std::iter::repeat_n(great, count));
                    let mut sum = ExactSum::default();
                    sum.add(numbers.map(|number| sign * number as f64));
                    assert_eq!(sum.value(), sign * expected, "{count} {above}");
                }
            }
        }
    }

    #[test]
    fn the_greatest_and_the_least_numbers_are_exact_too() {
        let least = f64::from_bits(1);
        assert_eq!(sum(&[f64::MAX, -f64::MAX, f64::MAX]), f64::MAX);
        assert_eq!(sum(&[f64::MAX, f64::MAX, least, -f64::MAX]), f64::MAX);
        assert_eq!(sum(&[-f64::MAX, 1.0, least, f64::MAX, -1.0]), least);
        assert_eq!(sum(&[0.0, -0.0, least, 1.0, -1.0]), least);
        assert_eq!(sum(&[f64::INFINITY, f64::MAX, f64::MAX]), f64::INFINITY);
        assert_eq!(sum(&[0.0, -0.0]).to_bits(), 0);
    }

    #[test]
    fn the_same_comes_out_in_any_order_and_in_any_pieces() {
        let near = (-1e6..1e6).prop_map(|number: f64| (number * 100.0).round() / 100.0);
        let far = any::<i64>().prop_map(|bits| f64::from_bits(bits as u64));
        let far = far.prop_filter("finite, and no sum overflows", |number| number.abs() < 1e300);
        let number = prop_oneof![4 => near, 2 => far, 1 => (-4..4_i32).prop_map(f64::from)];
        let random = (vec(number, 0..60), vec(any::<Index>(), 0..60), any::<Index>());
        let result = TestRunner::new(ProptestConfig { cases: 3_000, ..ProptestConfig::default() }).run(
            &random,
            |(mut numbers, swaps, cut)| {
                let expected = of_parts(&numbers);
                prop_assert_eq!(sum(&numbers), expected);
                if numbers.is_empty() {
                    return Ok(());
                }
                swaps.iter().enumerate().for_each(|(at, swap)| {
                    let (a, b) = (at % numbers.len(), swap.index(numbers.len()));
                    numbers.swap(a, b);
                });
                prop_assert_eq!(sum(&numbers), expected);
                let mut pieces = [ExactSum::default(), ExactSum::default()];
                let (left, right) = numbers.split_at(cut.index(numbers.len()));
                pieces.iter_mut().zip([left, right]).for_each(|(sum, piece)| sum.add(piece.iter().copied()));
                let [mut both, second] = pieces;
                both.merge(&second);
                prop_assert_eq!(both.value(), expected);
                both.clear();
                both.add(numbers.iter().copied());
                prop_assert_eq!(both.value(), expected);
                Ok(())
            },
        );
        result.unwrap_or_else(|error| panic!("{error}"));
    }
}
