//! What the tests of this module share.

/// A small generator of pseudo-random numbers (splitmix64): the same seed gives the same test.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..limit`.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Machine code of this host for a C function without parameters that returns `value`.
pub(super) fn constant(value: u32) -> Vec<u8> {
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect();
    if cfg!(target_arch = "x86_64") {
        // mov eax, value; ret
        [&[0xb8], &value.to_le_bytes()[..], &[0xc3]].concat()
    } else if cfg!(target_arch = "aarch64") {
        // movz w0, #low; movk w0, #high, lsl #16; ret
        words(&[0x5280_0000 | (value & 0xffff) << 5, 0x72a0_0000 | (value >> 16) << 5, 0xd65f_03c0])
    } else if cfg!(target_arch = "riscv64") {
        // lui a0, high; addiw a0, a0, low; ret
        let high = value.wrapping_add(0x800) & 0xffff_f000;
        words(&[high | 0x537, (value & 0xfff) << 20 | 0x5051b, 0x0000_8067])
    } else {
        panic!("no code for this host; add it above")
    }
}
