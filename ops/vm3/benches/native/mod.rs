//! The kernels as rustc compiles them: the same algorithms, op for op where it matters.

use std::arch::asm;

/// A kernel: the bits of its result.
pub(super) type Native = fn(i64) -> u64;

/// The same int, in a register, of which the compiler knows nothing: so it cannot replace a loop by a formula.
#[inline(always)]
fn keep(mut value: i64) -> i64 {
    // SAFETY: there is no instruction.
    unsafe { asm!("/* {0} */", inout(reg) value, options(nomem, nostack, preserves_flags)) }
    value
}

pub(super) fn sum_loop(n: i64) -> u64 {
    let (mut sum, mut i) = (0_i64, 0);
    while i < n {
        sum = keep(sum.wrapping_add(i));
        i += 1;
    }
    sum.cast_unsigned()
}

pub(super) fn mul_loop(n: i64) -> u64 {
    let (mut product, mut i) = (1_i64, 1);
    while i < n {
        product = keep(product.wrapping_mul(i));
        i += 1;
    }
    product.cast_unsigned()
}

pub(super) fn fib_iter(n: i64) -> u64 {
    let (mut a, mut b, mut i) = (0_i64, 1_i64, 0);
    while i < n {
        (a, b) = (b, keep(a.wrapping_add(b)));
        i += 1;
    }
    a.cast_unsigned()
}

pub(super) fn prime_count(n: i64) -> u64 {
    let (mut count, mut i) = (0_i64, 2);
    while i < n {
        let (mut prime, mut divisor) = (1, 2);
        while divisor * divisor <= i {
            if i % divisor == 0 {
                prime = 0;
                break;
            }
            divisor += 1;
        }
        if prime != 0 {
            count += 1;
        }
        i += 1;
    }
    count.cast_unsigned()
}

pub(super) fn f64_dot_sum(n: i64) -> u64 {
    let (mut sum, mut i) = (0.0_f64, 0);
    while i < n {
        sum += i as f64 * 0.5;
        i += 1;
    }
    sum.to_bits()
}

#[cfg(target_arch = "x86_64")]
fn fma(mut lhs: f64, rhs: f64, addend: f64) -> f64 {
    // SAFETY: the caller has found that the processor has the instruction, which changes one register.
    unsafe {
        asm!("vfmadd213sd {0}, {1}, {2}", inout(xmm_reg) lhs, in(xmm_reg) rhs, in(xmm_reg) addend, options(pure, nomem, nostack));
    }
    lhs
}

#[cfg(not(target_arch = "x86_64"))]
fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
    lhs.mul_add(rhs, addend)
}

fn mandelbrot_with(n: i64, fma: impl Fn(f64, f64, f64) -> f64) -> u64 {
    let mut total = 0_i64;
    let mut y = 0;
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
                zi = fma(zr + zr, zi, ci);
                zr = zr2 - zi2 + cr;
                i += 1;
            }
            total += i;
            x += 1;
        }
        y += 1;
    }
    total.cast_unsigned()
}

pub(super) fn mandelbrot(n: i64) -> u64 {
    #[cfg(target_arch = "x86_64")]
    if !std::arch::is_x86_feature_detected!("fma") {
        return mandelbrot_with(n, f64::mul_add);
    }
    mandelbrot_with(n, fma)
}

pub(super) fn fib_rec(n: i64) -> u64 {
    #[inline(never)]
    fn fib(n: i64) -> i64 {
        if n < 2 { n } else { fib(n - 1).wrapping_add(fib(n - 2)) }
    }
    fib(n).cast_unsigned()
}

pub(super) fn fact_rec(n: i64) -> u64 {
    // Without `keep` this would be a loop.
    #[inline(never)]
    fn fact(n: i64) -> i64 {
        if n <= 1 { 1 } else { n.wrapping_mul(keep(fact(n - 1))) }
    }
    fact(n).cast_unsigned()
}
