//! Builds the op sets in both conventions: the one here, and the tutorial's, which its own crate builds in one.

use stencil_build_support::{Builder, Convention};

fn main() {
    for file in ["src/stencils.rs", "../toy/src/stencils.rs"] {
        Builder::new(file).convention(Convention::Portable).convention(Convention::Wide).build();
    }
}
