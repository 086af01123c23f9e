//! Loops over ints.

use super::keep;

/// The n-th Fibonacci number, wrapping.
pub(super) fn fib_iter(n: i64) -> i64 {
    let (mut a, mut b, mut i) = (0_i64, 1_i64, 0);
    while i < n {
        (a, b) = (b, keep(a.wrapping_add(b)));
        i += 1;
    }
    a
}

/// The sum of 0, 1, … n - 1.
pub(super) fn sum_loop(n: i64) -> i64 {
    let (mut sum, mut i) = (0_i64, 0);
    while i < n {
        sum = keep(sum.wrapping_add(i));
        i += 1;
    }
    sum
}

/// The product of 1, 2, … n - 1, wrapping.
pub(super) fn mul_loop(n: i64) -> i64 {
    let (mut product, mut i) = (1_i64, 1);
    while i < n {
        product = keep(product.wrapping_mul(i));
        i += 1;
    }
    product
}

/// How many primes there are below n, by trial division.
pub(super) fn prime_count(n: i64) -> i64 {
    let (mut count, mut i) = (0_i64, 2);
    while i < n {
        let (mut prime, mut divisor) = (true, 2_i64);
        while divisor.wrapping_mul(divisor) <= i {
            if i % divisor == 0 {
                prime = false;
                break;
            }
            divisor += 1;
        }
        if prime {
            count += 1;
        }
        i += 1;
    }
    count
}

/// Steps of the Collatz sequence from n down to 1.
pub(super) fn collatz(mut n: i64) -> i64 {
    let mut steps = 0;
    while n > 1 {
        steps += 1;
        n = if n % 2 == 0 { n / 2 } else { n.wrapping_mul(3).wrapping_add(1) };
    }
    steps
}

/// The greatest common divisor by Euclid.
pub(super) fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a.wrapping_rem(b));
    }
    a
}

/// Whether n, which is not negative, is even: two states that take turns.
pub(super) fn parity(mut n: i64) -> i64 {
    loop {
        if n == 0 {
            return 1;
        }
        n = keep(n - 1);
        if n == 0 {
            return 0;
        }
        n = keep(n - 1);
    }
}
