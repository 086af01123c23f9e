use stencil_macros::{exit, jump};

fn main() {
    jump!(taken);
    exit!(slow);
}
