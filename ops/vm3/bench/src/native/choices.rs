//! Choices between a few cases, by comparing and by a table.

use super::keep;

/// The next of a sequence of numbers below 32749.
fn next(number: i64) -> i64 {
    number.wrapping_mul(17).wrapping_add(12345) % 32749
}

/// The sum of one of eight numbers per round, found by comparing. `keep` keeps rustc from making it a table.
pub(super) fn switch_lookup8_cmp_chain(n: i64) -> i64 {
    let (mut sum, mut i, mut number) = (0_i64, 0, 1_i64);
    while i < n {
        number = next(number);
        let case = number % 8;
        let value = if keep(case) == 0 {
            111
        } else if keep(case) == 1 {
            222
        } else if keep(case) == 2 {
            333
        } else if keep(case) == 3 {
            444
        } else if keep(case) == 4 {
            555
        } else if keep(case) == 5 {
            666
        } else if keep(case) == 6 {
            777
        } else if keep(case) == 7 {
            888
        } else {
            0
        };
        sum = sum.wrapping_add(value);
        i += 1;
    }
    sum
}

/// The same with a table.
pub(super) fn switch_lookup8_table(n: i64) -> i64 {
    static TABLE: [i64; 8] = [111, 222, 333, 444, 555, 666, 777, 888];
    let (mut sum, mut i, mut number) = (0_i64, 0, 1_i64);
    while i < n {
        number = next(number);
        let case = number % 8;
        let value = if case < 8 { TABLE[case as usize] } else { 0 };
        sum = sum.wrapping_add(value);
        i += 1;
    }
    sum
}

const MODULUS: i64 = 139_968;

/// The next pseudo-random number below 139968.
pub(super) fn random(seed: i64) -> i64 {
    seed.wrapping_mul(3877).wrapping_add(29573) % MODULUS
}

/// A digest of n letters, drawn with weights.
pub(super) fn fasta(n: i64) -> i64 {
    let (mut seed, mut digest, mut i) = (42_i64, 0_i64, 0);
    while i < n {
        seed = random(seed);
        let letter = if seed < 42_404 {
            97
        } else if seed < 70_117 {
            99
        } else if seed < 97_767 {
            103
        } else {
            116
        };
        digest = digest.wrapping_mul(1009).wrapping_add(letter) % 2_147_483_647;
        i += 1;
    }
    digest
}
