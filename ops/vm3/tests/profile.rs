//! Profiles, what `perf` makes of compiled code, and what is said of crashes in it.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// Two functions, one of which takes all the time.
const PROGRAM: &str = "func main(i64) -> i64 {
    regs 4 i64
    ConstI64K r1, 0
    ConstI64K r2, 0
again:
    CmpGeI64Br r2, r0, done
    CallI64 r3, r2, work
    AddI64 r1, r1, r3
    AddI64K r2, r2, 1
    Jump again
done:
    ReturnI64 r1
}

func work(i64) -> i64 {
    regs 4 i64
    ConstI64K r1, 0
    ConstI64K r2, 0
next:
    CmpGeI64KBr r2, 1000, done
    MulI64 r3, r2, r0
    AddI64 r1, r1, r3
    AddI64K r2, r2, 1
    Jump next
done:
    ReturnI64 r1
}
";

/// So many turns that a run takes about half a second.
const TURNS: &str = "500000";

fn program(folder: &Path) -> PathBuf {
    let path = folder.join("spin.vm3");
    std::fs::write(&path, PROGRAM).unwrap();
    path
}

fn vm3() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vm3"))
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_profile_finds_the_function_its_ops_and_who_called_it() {
    let folder = tempfile::tempdir().unwrap();
    let [folded, svg] = ["folded", "svg"].map(|name| folder.path().join(name));
    let output = vm3()
        .arg("profile")
        .arg(program(folder.path()))
        .args([TURNS, "--tier", "stencil", "--folded"])
        .arg(&folded)
        .arg("--svg")
        .arg(&svg)
        .output()
        .unwrap();
    let report = text(output.stdout);
    assert!(output.status.success(), "{report}{}", text(output.stderr));
    assert!(report.contains("\nwork ") && report.contains("work spin.vm3:2"), "{report}");
    let stacks = std::fs::read_to_string(folded).unwrap();
    let samples = |line: &str| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap();
    let all: usize = stacks.lines().map(samples).sum();
    let inner: usize = stacks.lines().filter(|line| line.starts_with("main;work;work spin.vm3:")).map(samples).sum();
    assert!(all > 20, "{stacks}");
    assert!(inner * 100 >= all * 90, "{stacks}");
    let svg = std::fs::read_to_string(svg).unwrap();
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.contains("<title>main: "), "{svg}");
    let refused = vm3().arg("profile").arg(program(folder.path())).output().unwrap();
    assert!(text(refused.stderr).contains("use --tier stencil or auto"));
}

#[test]
fn a_crash_in_compiled_code_names_function_and_op() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = vm3();
    run.arg("run").arg(program(folder.path())).args(["20000000", "--tier", "stencil"]);
    let child = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-SEGV", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let report = text(stderr);
    assert!(!status.success() && status.code().is_none(), "{status}: {report}");
    assert!(report.contains("fatal signal 11 at 0x"), "{report}");
    assert!(report.contains("in compiled code: function 1 `work`, pc "), "{report}");
    assert!(report.contains("spin.vm3:2"), "{report}");
}

/// Records a run; `None` where that cannot be done.
fn record(folder: &Path, option: &[&str]) -> Option<PathBuf> {
    let data = folder.join("perf.data");
    let mut perf = Command::new("perf");
    perf.args(["record", "-q", "-k", "mono", "-e", "cpu-clock:u", "-F", "2000", "-o"]).arg(&data).arg("--");
    perf.arg(env!("CARGO_BIN_EXE_vm3")).arg("run").arg(program(folder)).args([TURNS, "--tier", "stencil"]);
    match perf.args(option).output() {
        Ok(output) if output.status.success() => Some(data),
        failed => {
            eprintln!("NOT RUN: perf is not here or cannot record: {failed:?}");
            None
        }
    }
}

/// The shares of samples by object and symbol.
fn shares(data: &Path) -> Vec<(f64, String)> {
    let report = perf(&["report", "--stdio", "-g", "none", "-s", "dso,sym"], data);
    let lines = report.lines().filter(|line| !line.starts_with('#'));
    let share = |line: &str| {
        let (share, name) = line.trim().split_once('%')?;
        Some((share.parse().ok()?, name.trim().to_owned()))
    };
    lines.filter_map(share).collect()
}

/// Asserts that at least 99 % of the samples in code that is no file's are of functions of the program.
fn attributed(shares: &[(f64, String)], stitched: impl Fn(&str) -> bool) {
    let in_code: f64 = shares.iter().filter(|(_, name)| stitched(name)).map(|(share, _)| share).sum();
    let functions = ["main", "work", "main_from_host"];
    let named = shares.iter().filter(|(_, name)| stitched(name) && functions.iter().any(|own| name.ends_with(own)));
    let named: f64 = named.map(|(share, _)| share).sum();
    assert!(in_code > 50.0, "{shares:?}");
    assert!(named >= 0.99 * in_code, "{named} of {in_code}: {shares:?}");
    println!("{named:.2} of {in_code:.2} % of all samples");
}

#[test]
fn perf_names_functions_by_the_map() {
    let folder = tempfile::tempdir().unwrap();
    let Some(data) = record(folder.path(), &["--perf-map"]) else { return };
    attributed(&shares(&data), |name| name.contains(".map") || name.contains("[JIT]") || name.contains("anon"));
}

#[test]
fn perf_names_functions_by_the_dump() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    let Some(data) = record(folder.path(), &["--jitdump", at]) else { return };
    let joined = folder.path().join("joined.data");
    let mut inject = Command::new("perf");
    let inject = inject.args(["inject", "--jit", "-i"]).arg(&data).arg("-o").arg(&joined).output().unwrap();
    assert!(inject.status.success(), "{}", text(inject.stderr));
    let stitched = |name: &str| name.contains("jitted-") || name.contains("memfd") || name.contains("anon");
    attributed(&shares(&joined), stitched);
    annotated(&joined, stitched);
}

/// Runs `perf` on what was recorded and gives what it prints.
fn perf(arguments: &[&str], data: &Path) -> String {
    let output = Command::new("perf").args(arguments).arg("-i").arg(data).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", text(output.stderr));
    text(output.stdout)
}

/// The lines of the loop that takes the time.
const LOOP: [&str; 5] =
    ["CmpGeI64KBr r2, 1000, done", "MulI64 r3, r2, r0", "AddI64 r1, r1, r3", "AddI64K r2, r2, 1", "Jump next"];

/// Asserts that `perf annotate` gives at least 99 % of the samples in code that is no file's to lines of the program, and
/// nearly all of them to those of the loop that takes the time.
fn annotated(joined: &Path, stitched: impl Fn(&str) -> bool) {
    let samples = perf(&["script", "-F", "ip,sym,dso"], joined);
    let all = samples.lines().filter(|sample| stitched(sample)).count() as f64;
    let listing = perf(&["annotate", "--stdio", "-l"], joined);
    // In the listing of each function: how many samples it has, and the line that the instructions below are quoted under.
    let (mut function, mut quoted) = (None, None);
    let (mut in_program, mut in_loop) = (0.0, 0.0);
    for row in listing.lines() {
        if let Some((object, rest)) = row.split_once("Disassembly of ").and_then(|(_, of)| of.split_once(" for ")) {
            let count = rest.split_once('(').and_then(|(_, count)| count.split_once(" samples"));
            let count = count.map(|(count, _)| count.parse::<f64>().unwrap());
            (function, quoted) = (count.filter(|_| stitched(object)), None);
        }
        let Some((share, source)) = row.split_once(':') else { continue };
        if let Ok(share) = share.trim().parse::<f64>() {
            let (Some(count), Some(line)) = (function, quoted) else { continue };
            in_program += count * share / 100.0;
            if LOOP.contains(&line) {
                in_loop += count * share / 100.0;
            }
        } else {
            // A number stands before it.
            let source = source.trim_start().trim_start_matches(|digit: char| digit.is_ascii_digit()).trim();
            quoted = PROGRAM.lines().map(str::trim).find(|line| !line.is_empty() && *line == source).or(quoted);
        }
    }
    assert!(all > 100.0, "{samples}");
    assert!(in_program >= 0.99 * all, "{in_program} of {all}: {listing}");
    assert!(in_loop >= 0.95 * all, "{in_loop} of {all}: {listing}");
    println!("lines of {in_program:.1}, of the loop {in_loop:.1}, of {all} samples");
}
