//! Random numbers that a seed gives again, the options of commands that want many of them, and whether tests want few.

mod emulated;
mod options;

pub use emulated::emulated;
pub use options::{OptionError, options};

/// A small random number generator: splitmix64.
#[derive(Debug, Clone)]
pub struct Random(u64);

/// The distance between states.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A number in which every bit depends on every bit of `state`.
const fn mixed(state: u64) -> u64 {
    let bits = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let bits = (bits ^ bits >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ bits >> 31
}

impl Random {
    /// The generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds should have nothing in common, and states are a fixed distance apart.
        Self(mixed(seed.wrapping_add(STEP)))
    }

    /// The next number.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number below `bound`.
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.word() % bound as u64) as usize
    }

    /// True once in `times`.
    ///
    /// # Panics
    /// When `times` is 0.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of a list.
    ///
    /// # Panics
    /// When the list is empty.
    pub fn of<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// A number at which something changes: the bounds of every width and their neighbours, or any.
    pub fn interesting(&mut self) -> u64 {
        const BITS: [u32; 9] = [0, 5, 6, 7, 8, 15, 16, 31, 32];
        let power = 1_u64 << self.of(&BITS);
        match self.below(6) {
            0 => power,
            1 => power - 1,
            2 => power.wrapping_neg(),
            3 => u64::MAX,
            4 => self.below(64) as u64,
            _ => self.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_again_and_another_one_others() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            [(); 16].map(|()| random.word())
        };
        assert_eq!(numbers(7), numbers(7));
        assert!(numbers(0).iter().zip(numbers(2)).all(|(left, right)| *left != right));
    }

    #[test]
    fn neighbouring_seeds_have_no_numbers_in_common() {
        let numbers = |seed| {
            let mut random = Random::new(seed);
            [(); 16].map(|()| random.word())
        };
        let mut all: Vec<u64> = (0..1000).flat_map(numbers).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 16_000);
    }

    #[test]
    fn interesting_numbers_are_bounds_often_and_anything_sometimes() {
        let mut random = Random::new(1);
        let numbers: Vec<u64> = (0..1000).map(|_| random.interesting()).collect();
        for bound in [0, 1, 0x7F, 0x80, 0xFFFF, 0x7FFF_FFFF, 0x1_0000_0000, u64::MAX, i32::MIN as u64] {
            assert!(numbers.contains(&bound), "{bound:#x}");
        }
        assert!(numbers.iter().filter(|number| **number > 1 << 40 && **number < u64::MAX << 40).count() > 100);
    }
}
