//! Loops over floats.

use super::fma::{Fma, Instruction, Library, has_instruction};
use super::keep;

/// The sum of i / 2 for i from 0 to n - 1.
pub(super) fn f64_dot_sum(n: i64) -> f64 {
    let (mut sum, mut i) = (0.0_f64, 0);
    while i < n {
        sum += i as f64 * 0.5;
        i += 1;
    }
    sum
}

/// The sum of the square roots of 1, 2, … n.
pub(super) fn f64_sqrt_sum(n: i64) -> f64 {
    let (mut sum, mut i) = (0.0_f64, 1);
    while i <= n {
        sum += (i as f64).sqrt();
        i += 1;
    }
    sum
}

/// The first i of 1, 2, … n whose reciprocal is below 0.1, or 0. Without `keep` rustc would know the answer.
pub(super) fn f64_threshold(n: i64) -> i64 {
    let mut i = 1;
    while i <= n {
        if 1.0 / (i as f64) < 0.1 {
            return i;
        }
        i = keep(i + 1);
    }
    0
}

/// The iterations, at most 50 each, of n times n points around the Mandelbrot set.
pub(super) fn mandelbrot(n: i64) -> i64 {
    if has_instruction() { mandelbrot_with::<Instruction>(n) } else { mandelbrot_with::<Library>(n) }
}

fn mandelbrot_with<F: Fma>(n: i64) -> i64 {
    let (mut total, mut y) = (0_i64, 0);
    while y < n {
        let ci = y as f64 / n as f64 * 2.0 - 1.0;
        let mut x = 0;
        while x < n {
            let cr = x as f64 / n as f64 * 3.0 - 2.0;
            let (mut zr, mut zi, mut i) = (0.0, 0.0, 0);
            while i < 50 {
                let (zr2, zi2): (f64, f64) = (zr * zr, zi * zi);
                if zr2 + zi2 > 4.0 {
                    break;
                }
                zi = F::fma(zr + zr, zi, ci);
                zr = zr2 - zi2 + cr;
                i += 1;
            }
            total += i;
            x += 1;
        }
        y += 1;
    }
    total
}

/// The square root of n by Newton's method, run until it no longer moves.
pub(super) fn newton(n: i64) -> f64 {
    let n = n as f64;
    let mut root = n;
    loop {
        let next = (n / root + root) * 0.5;
        if next >= root {
            return root;
        }
        root = next;
    }
}

/// e to the power of n/16: a polynomial in Horner form, squared four times.
pub(super) fn exp(n: i64) -> f64 {
    let x = n as f64 / 256.0;
    let mut power = if has_instruction() { series::<Instruction>(x) } else { series::<Library>(x) };
    for _ in 0..4 {
        power *= power;
    }
    power
}

#[inline(never)]
fn series<F: Fma>(x: f64) -> f64 {
    // From 1/8! to 1/0!.
    const COEFFICIENTS: [f64; 9] = [
        2.48015873015873e-5,
        1.984126984126984e-4,
        1.388888888888889e-3,
        8.333333333333333e-3,
        4.1666666666666664e-2,
        1.6666666666666666e-1,
        0.5,
        1.0,
        1.0,
    ];
    let [first, rest @ ..] = COEFFICIENTS;
    rest.into_iter().fold(first, |sum, coefficient| F::fma(sum, x, coefficient))
}

/// The length of the vector (1, 2, .., n).
pub(super) fn norm(n: i64) -> f64 {
    let mut vector = Vec::with_capacity(8);
    let mut i = 0;
    while i < n {
        vector.push(0.0);
        let next = i + 1;
        vector[i as usize] = next as f64;
        i = next;
    }
    let sum = if has_instruction() { squares::<Instruction>(&vector) } else { squares::<Library>(&vector) };
    sum.sqrt()
}

#[inline(never)]
fn squares<F: Fma>(vector: &[f64]) -> f64 {
    let (mut sum, mut i) = (0.0, 0);
    while i < vector.len() {
        sum = F::fma(vector[i], vector[i], sum);
        i += 1;
    }
    sum
}
