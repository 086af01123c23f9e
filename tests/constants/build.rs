//! Makes the stencils of the ops.

fn main() {
    stencil_build_support::Builder::new("src/lib.rs").build();
}
