//! Ops whose constants compilers keep in memory: single ones, several beside each other, and wide ones.

use stencil_runtime::TableSet;

/// The op set.
#[stencil_macros::stencils(table = "constants", operand(reg))]
pub mod ops {
    /// What stays in machine registers.
    #[machine]
    pub struct Machine {
        /// Where the host waits.
        anchor: *mut Anchor,
        /// Integers.
        #[bank]
        ints: [i64; 2],
        /// Floats.
        #[bank]
        floats: [f64; 2],
    }

    /// One constant that no immediate holds.
    #[must_use]
    #[stencil]
    fn scale(value: f64) -> f64 {
        value * 2.345_678_901_234_567
    }

    /// Several.
    #[must_use]
    #[stencil]
    fn polynomial(x: f64) -> f64 {
        (((0.123_456_789 * x + 1.012_345_678) * x + 2.901_234_567) * x + 3.890_123_456) * x + 4.789_012_345
    }

    /// A constant of 4 bytes.
    #[must_use]
    #[stencil]
    fn narrow(value: f64) -> f64 {
        f64::from(value as f32 * 1.617_834_f32)
    }

    /// An integer of 64 bits.
    #[must_use]
    #[stencil]
    fn scramble(value: i64) -> i64 {
        (value ^ 0x1E37_79B9_7F4A_7C15).wrapping_mul(0x3F58_476D_1CE4_E5B9)
    }

    /// A constant of 16 bytes, or two of 8, and a way out behind a branch.
    #[must_use]
    #[stencil]
    fn distance(x: f64, y: f64, far: Exit) -> f64 {
        let (dx, dy) = (x - 1.456_789_012_345_678, y - 1.723_456_789_012_345);
        let square = dx * dx + dy * dy;
        if square > 12_345.678_9 {
            exit!(far)
        }
        square
    }
}

/// The op set's tables.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "constants");
