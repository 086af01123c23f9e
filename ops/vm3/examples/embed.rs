//! vm3 in a program: a script with functions of the host, typed calls, limits, and statistics.
//!
//! `cargo run --release -p vm3 --example embed`

use std::error::Error;
use std::time::Duration;
use vm3::program::{Bank, text};
use vm3::{CallError, FaultKind, HostError, HostFunctions, Tier, Value, Vm, VmOptions};

/// What a user wrote: prices come from the host.
const SCRIPT: &str = "
host func price(i64) -> f64
host func log(cell) -> i64

; The price of articles 0 to n - 1.
func total(i64) -> f64 {
    regs 2 i64, 2 f64, 1 cell
    const k0 = string \"added\"
    ConstI64K r1, 0
loop:
    CmpGeI64Br r1, r0, done
    CallMixed d1, 1, price_of
    AddF64 d0, d0, d1
    AddI64K r1, r1, 1
    Jump loop
done:
    ConstStrKW c0, k0
    CallMixed r1, 0, log
    ReturnF64 d0
}

func price_of(i64) -> f64 {
    regs 1 i64, 1 f64
    CallMixed d0, 0, price
    ReturnF64 d0
}

func forever() -> i64 {
again:
    Jump again
}";

fn main() -> Result<(), Box<dyn Error>> {
    let program = text::parse(SCRIPT)?.verify()?;

    // Functions of the host own their state; an error or a panic of theirs ends the call that is running.
    let prices = [2.5, 0.75, 12.0, 4.25];
    let mut functions = HostFunctions::new();
    functions.bind("price", &[Bank::I64], Bank::F64, move |call| {
        let article = call.i64(0);
        let price = usize::try_from(article).ok().and_then(|article| prices.get(article));
        price.map(|price| Value::F64(*price)).ok_or_else(|| HostError::new(format!("there is no article {article}")))
    });
    functions.bind("log", &[Bank::Cell], Bank::I64, |call| {
        let text = call.heap().string(call.cell(0))?;
        println!("the script says: {}", String::from_utf8_lossy(&text));
        Ok(Value::I64(0))
    });

    // Interpreted at first; what is called or goes around often is compiled. Every op takes fuel.
    let options = VmOptions { tier: Tier::Auto, threshold: 2, fuel: Some(1000), ..VmOptions::default() };
    let mut vm = Vm::with_host(program, &options, functions)?;
    println!("total(4) = {:?}", vm.call_named("total", &[Value::I64(4)])?);
    println!("fuel left: {:?}", vm.fuel());

    // What goes wrong has a type, and says where it went wrong.
    match vm.call_named("total", &[Value::I64(9)]) {
        Err(CallError::Fault(fault)) if fault.kind == FaultKind::Host => {
            println!("failed: {fault}: {}", fault.cause.as_ref().map_or_else(String::new, ToString::to_string));
        }
        other => return Err(format!("expected an error of the host, got {other:?}").into()),
    }
    match vm.call_named("total", &[Value::F64(1.0)]) {
        Err(error @ CallError::ArgumentType { .. }) => println!("refused: {error}"),
        other => return Err(format!("expected a refusal, got {other:?}").into()),
    }

    // Limits: ops, and time. The machine goes on after both.
    vm.set_fuel(100)?;
    println!("{}", vm.call_named("forever", &[]).expect_err("there is fuel for 100 ops"));
    vm.set_fuel(u64::MAX)?;
    let limit = vm.interrupt().after(Duration::from_millis(10));
    println!("{}", vm.call_named("forever", &[]).expect_err("there are 10 ms"));
    drop(limit);
    println!("total(1) = {:?}", vm.call_named("total", &[Value::I64(1)])?);

    let functions: Vec<String> =
        vm.program().program().functions.iter().map(|function| function.name.clone()).collect();
    for (index, name) in functions.iter().enumerate() {
        println!("{name}: {:?}", vm.stats(index));
    }
    Ok(())
}
