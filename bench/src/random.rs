//! Random numbers that are the same on every machine, and draws by weight.

/// SplitMix64: every seed gives a stream of its own.
#[derive(Clone, Debug)]
pub struct Rng(u64);

/// Mixes all bits of `x` into all bits of the result; a bijection.
pub fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Rng {
    /// The stream of `number` under `seed`.
    pub fn new(seed: u64, number: u64) -> Self {
        Self(mix(mix(seed ^ 0x9e37_79b9_7f4a_7c15) ^ number))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 to below `end`, which is not 0.
    pub fn below(&mut self, end: u32) -> u32 {
        (((self.bits() >> 32) * u64::from(end)) >> 32) as u32
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in `percent` of 100 cases.
    pub fn percent(&mut self, percent: f64) -> bool {
        self.unit() * 100.0 < percent
    }

    /// Exponentially distributed.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
}

/// Draws indexes by weight in constant time (Walker's alias method, in Vose's form).
#[derive(Clone, Debug)]
pub struct Weighted {
    /// Per index: below this it is drawn, above it its alias is.
    keep: Vec<f32>,
    alias: Vec<u32>,
}

impl Weighted {
    /// Indexes as likely as their weights, of which there is at least one.
    pub fn new(weights: impl Iterator<Item = f64>) -> Self {
        let mut scaled: Vec<f64> = weights.collect();
        let mean = scaled.iter().sum::<f64>() / scaled.len() as f64;
        scaled.iter_mut().for_each(|weight| *weight /= mean);
        let mut alias: Vec<u32> = (0..scaled.len() as u32).collect();
        let (mut small, mut large): (Vec<u32>, Vec<u32>) = alias.iter().partition(|at| scaled[**at as usize] < 1.0);
        while let (Some(low), Some(high)) = (small.pop(), large.last().copied()) {
            alias[low as usize] = high;
            scaled[high as usize] -= 1.0 - scaled[low as usize];
            if scaled[high as usize] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        Self { keep: scaled.iter().map(|weight| *weight as f32).collect(), alias }
    }

    /// Zipf-Mandelbrot over `count` indexes: index `i` has the weight `1 / (i + 1 + shift)`.
    pub fn zipf(count: u32, shift: f64) -> Self {
        Self::new((0..count).map(|at| 1.0 / (f64::from(at) + 1.0 + shift)))
    }

    /// An index.
    pub fn draw(&self, rng: &mut Rng) -> u32 {
        let at = rng.below(self.alias.len() as u32);
        if rng.unit() < f64::from(self.keep[at as usize]) { at } else { self.alias[at as usize] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_follow_their_weights() {
        let weighted = Weighted::new([1.0, 2.0, 5.0].into_iter());
        let (mut rng, mut counts) = (Rng::new(1, 2), [0; 3]);
        (0..80_000).for_each(|_| counts[weighted.draw(&mut rng) as usize] += 1);
        for (count, expected) in counts.into_iter().zip([10_000_i32, 20_000, 50_000]) {
            assert!((expected - count).abs() < 600, "{counts:?}");
        }
    }
}
