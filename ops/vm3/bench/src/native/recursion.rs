//! Functions that call themselves.

use super::keep;

/// The n-th Fibonacci number, by naive recursion.
#[inline(never)]
pub(super) fn fib(n: i64) -> i64 {
    if n < 2 { n } else { fib(n - 1).wrapping_add(fib(n - 2)) }
}

/// The factorial of n, wrapping. Without `keep` this would be a loop.
#[inline(never)]
pub(super) fn fact(n: i64) -> i64 {
    if n <= 1 { 1 } else { n.wrapping_mul(keep(fact(n - 1))) }
}

/// The Ackermann function.
#[inline(never)]
pub(super) fn ackermann(m: i64, n: i64) -> i64 {
    match (m, n) {
        (0, _) => n.wrapping_add(1),
        (_, 0) => ackermann(m - 1, 1),
        _ => ackermann(m - 1, ackermann(m, n - 1)),
    }
}

/// Takeuchi's function of 3n, 2n and n.
pub(super) fn tak(n: i64) -> i64 {
    #[inline(never)]
    fn tak(x: i64, y: i64, z: i64) -> i64 {
        if y >= x { z } else { tak(tak(x - 1, y, z), tak(y - 1, z, x), tak(z - 1, x, y)) }
    }
    tak(n.wrapping_mul(3), n.wrapping_mul(2), n)
}

/// The n-th power of [[1, 1], [1, 0]] modulo 1000007, entry (0, 1), for n of at least 0. A matrix is a list of four.
pub(super) fn matrix(n: i64) -> i64 {
    raise(n)[1]
}

const MODULUS: i64 = 1_000_007;

#[inline(never)]
fn raise(n: i64) -> Vec<i64> {
    if n == 0 {
        let mut identity = Vec::with_capacity(4);
        identity.extend([1, 0, 0, 1]);
        return identity;
    }
    let mut power = square(&raise(n / 2));
    if n % 2 != 0 {
        shift(&mut power);
    }
    power
}

#[inline(never)]
fn square(matrix: &[i64]) -> Vec<i64> {
    let (a, b, d) = (matrix[0], matrix[1], matrix[3]);
    let mut squared = Vec::with_capacity(4);
    squared.push((a * a + b * b) % MODULUS);
    let side = ((a + d) * b) % MODULUS;
    squared.push(side);
    squared.push(side);
    squared.push((d * d + b * b) % MODULUS);
    squared
}

/// Times [[1, 1], [1, 0]]: each row (a, b) becomes (a + b, a).
#[inline(never)]
fn shift(matrix: &mut [i64]) {
    let mut row = 0;
    while row < 4 {
        let (a, b) = (matrix[row], matrix[row + 1]);
        matrix[row] = (a + b) % MODULUS;
        matrix[row + 1] = a;
        row += 2;
    }
}
