//! Lists.

use super::choices::random;
use super::keep;

/// Pushes 0, 1, … n - 1 and adds up what is there; the list has room for some elements from the start.
pub(super) fn fill_sum<const ROOM: usize>(n: i64) -> i64 {
    let mut list = Vec::with_capacity(ROOM);
    fill(&mut list, n);
    sum(&list, n)
}

#[inline(never)]
fn fill(list: &mut Vec<i64>, n: i64) {
    let mut i = 0;
    while i < n {
        list.push(i);
        i += 1;
    }
}

#[inline(never)]
fn sum(list: &[i64], n: i64) -> i64 {
    let (mut sum, mut i) = (0_i64, 0);
    while i < n {
        sum = keep(sum.wrapping_add(list[i as usize]));
        i += 1;
    }
    sum
}

/// How many primes there are up to n, by Eratosthenes' sieve.
pub(super) fn nsieve(n: i64) -> i64 {
    let mut composite = Vec::new();
    let mut i = 0;
    while i <= n {
        composite.push(0_i64);
        i += 1;
    }
    let (mut count, mut i) = (0, 2_i64);
    while i <= n {
        if composite[i as usize] == 0 {
            count += 1;
            let mut multiple = i.wrapping_mul(i);
            while multiple <= n {
                composite[multiple as usize] = 1;
                multiple += i;
            }
        }
        i += 1;
    }
    count
}

/// The primes up to n.
pub(super) fn sieve(n: i64) -> Vec<i64> {
    let mut candidates = Vec::with_capacity(64);
    let mut primes = Vec::new();
    let mut i = 0;
    while i <= n {
        candidates.push(1_i64);
        i += 1;
    }
    let mut i = 2_i64;
    while i <= n {
        if candidates[i as usize] != 0 {
            primes.push(i);
            let mut multiple = i.wrapping_mul(i);
            while multiple <= n {
                candidates[multiple as usize] = 0;
                multiple += i;
            }
        }
        i += 1;
    }
    primes
}

/// A digest of n pseudo-random numbers that were sorted.
pub(super) fn quicksort(n: i64) -> i64 {
    let mut list = Vec::new();
    let (mut seed, mut i) = (42, 0);
    while i < n {
        seed = random(seed);
        list.push(seed);
        i += 1;
    }
    sort(&mut list, 0, n - 1);
    let (mut digest, mut i) = (0_i64, 0);
    while i < n {
        digest = digest.wrapping_mul(31).wrapping_add(list[i as usize]) % 1_000_007;
        i += 1;
    }
    digest
}

#[inline(never)]
fn sort(list: &mut [i64], mut low: i64, high: i64) {
    while low < high {
        let pivot = list[((low + high) / 2) as usize];
        let (mut left, mut right) = (low, high);
        while left <= right {
            while list[left as usize] < pivot {
                left += 1;
            }
            while list[right as usize] > pivot {
                right -= 1;
            }
            if left > right {
                break;
            }
            let (smaller, larger) = (list[right as usize], list[left as usize]);
            list[left as usize] = smaller;
            list[right as usize] = larger;
            left += 1;
            right -= 1;
        }
        sort(list, low, right);
        low = left;
    }
}

/// In how many ways n queens stand on a board of n times n without attacking each other.
pub(super) fn queens(n: i64) -> i64 {
    place(&mut free(n), &mut free(2 * n), &mut free(2 * n), n, 0)
}

fn free(length: i64) -> Vec<i64> {
    let (mut list, mut i) = (Vec::new(), 0);
    while i < length {
        list.push(0);
        i += 1;
    }
    list
}

/// The ways to go on at `row`, with the columns and diagonals that are taken.
#[inline(never)]
fn place(columns: &mut [i64], rising: &mut [i64], falling: &mut [i64], n: i64, row: i64) -> i64 {
    if row == n {
        return 1;
    }
    let (mut ways, mut column) = (0, 0);
    while column < n {
        let (up, down) = (column + row, column - row + n);
        if columns[column as usize] == 0 && rising[up as usize] == 0 && falling[down as usize] == 0 {
            columns[column as usize] = 1;
            rising[up as usize] = 1;
            falling[down as usize] = 1;
            ways += place(columns, rising, falling, n, row + 1);
            columns[column as usize] = 0;
            rising[up as usize] = 0;
            falling[down as usize] = 0;
        }
        column += 1;
    }
    ways
}

/// The sum of the elements of the product of two matrices of n times n floats.
pub(super) fn matmul(n: i64) -> f64 {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let mut i = 0;
    while i < n * n {
        a.push(i as f64);
        b.push(1.0 / (i + 1) as f64);
        i += 1;
    }
    let (mut total, mut row) = (0.0, 0);
    while row < n {
        let mut column = 0;
        while column < n {
            let (mut sum, mut k) = (0.0, 0);
            while k < n {
                sum += a[(row * n + k) as usize] * b[(k * n + column) as usize];
                k += 1;
            }
            total += sum;
            column += 1;
        }
        row += 1;
    }
    total
}
