//! Builds the op set in both conventions.
use std::path::PathBuf;
use stencil_build_support::{Convention, Options, Toolchain, compile_set};
fn main() {
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap()).join("stencils");
    std::fs::create_dir_all(&out).unwrap();
    let text = std::fs::read_to_string("src/stencils.rs").unwrap();
    println!("cargo::rerun-if-changed=src/stencils.rs");
    let options = Options::default().convention(Convention::Portable).convention(Convention::Wide);
    let sets = compile_set("src/stencils.rs", &text, &options, &Toolchain::host().unwrap(), &out.join("work")).unwrap();
    for set in sets {
        let mut list = String::new();
        for t in &set.tables {
            let p = out.join(format!("{}.{}.table", set.name, t.key.convention));
            std::fs::write(&p, &*t.bytes).unwrap();
            list += &format!("{}\n", p.display());
            println!("cargo::warning={} {:?} {} bytes", set.name, t.key, t.bytes.len());
        }
        for w in &set.warnings {
            println!("cargo::warning={w}");
        }
        std::fs::write(out.join(format!("{}.tables", set.name)), list).unwrap();
        std::fs::write(out.join(format!("{}.diag", set.name)), stencil_syntax_finding(&set.findings)).unwrap();
    }
}
fn stencil_syntax_finding(f: &[stencil_build_support::Finding]) -> String {
    stencil_build_support::Finding::write_all(f)
}
