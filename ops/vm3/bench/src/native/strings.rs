//! Strings. Joining two makes a third, as in the machine.

/// A string of both.
#[inline(never)]
fn concat(left: &[u8], right: &[u8]) -> Vec<u8> {
    let mut joined = Vec::with_capacity(left.len() + right.len());
    joined.extend_from_slice(left);
    joined.extend_from_slice(right);
    joined
}

/// The length of "a" joined with "a" n times.
pub(super) fn strings_concat_loop(n: i64) -> i64 {
    let (mut text, more, mut i) = (b"a".to_vec(), b"a".to_vec(), 0);
    while i < n {
        text = concat(&text, &more);
        i += 1;
    }
    text.len() as i64
}

/// Cheers n times.
pub(super) fn cheers(n: i64) -> Vec<u8> {
    if n <= 0 {
        return b"quiet crowd".to_vec();
    }
    let (mut text, mut left) = (Vec::new(), n);
    while left > 0 {
        text = concat(&text, b"hip ");
        left -= 1;
    }
    if text.len() >= 10 {
        text = concat(&text, b"hurra");
        text = concat(&text, b"y!");
    }
    text
}
