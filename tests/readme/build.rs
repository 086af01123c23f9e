//! The build script of the README's example; what follows this line stands there word for word.

fn main() {
    stencil_build_support::Builder::new("src/lib.rs").build();
}
