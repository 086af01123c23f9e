//! There are no stencils for other architectures, and so no code to write.

/// See [`super::write`].
pub(super) fn instructions(_code: &[u8], _address: u64) -> Vec<(usize, String)> {
    Vec::new()
}
