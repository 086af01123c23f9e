//! Random numbers that a seed gives again.

/// A small random number generator: xorshift64*.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// The generator of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, which is not 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// A number at which something changes: the bounds of every width and their neighbours, or any.
    pub(crate) fn interesting(&mut self) -> u64 {
        const BITS: [u32; 9] = [0, 5, 6, 7, 8, 15, 16, 31, 32];
        let power = 1_u64 << BITS[self.below(BITS.len())];
        match self.below(6) {
            0 => power,
            1 => power - 1,
            2 => power.wrapping_neg(),
            3 => u64::MAX,
            4 => self.below(64) as u64,
            _ => self.next(),
        }
    }
}
