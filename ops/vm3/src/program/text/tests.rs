//! Round trips of random programs, and one case per error.

use super::{TextErrorKind, parse, print};
use crate::program::{Bank, Cell, Function, Op, Program, RegisterCounts, Source};
use arbtest::arbitrary::{Result, Unstructured};

#[test]
fn any_program_survives_a_round_trip() {
    arbtest::arbtest(|u| {
        let program = program(u)?;
        let text = print(&program);
        assert_eq!(parse(&text).as_ref(), Ok(&program), "{text}");
        Ok(())
    });
}

fn program(u: &mut Unstructured<'_>) -> Result<Program> {
    let strings = u.arbitrary()?;
    let functions = (0..u.int_in_range(1..=4)?).map(|_| function(u)).collect::<Result<Vec<_>>>()?;
    Ok(Program { entry: u.int_in_range(0..=functions.len())?, functions, strings, source: Source::default() })
}

fn bank(u: &mut Unstructured<'_>) -> Result<Bank> {
    u.choose(&Bank::ALL).copied()
}

fn function(u: &mut Unstructured<'_>) -> Result<Function> {
    let names = ["f", "g", "r1", "regs", "", "two words", "\"\\\n\u{7f}\u{e9}", "L0"];
    if u.ratio(1, 8)? {
        let parameters: Vec<Bank> = (0..u.int_in_range(0..=9)?).map(|_| bank(u)).collect::<Result<_>>()?;
        return Ok(Function::host(*u.choose(&names)?, &parameters, bank(u)?));
    }
    Ok(Function {
        name: (*u.choose(&names)?).into(),
        registers: RegisterCounts { i64: u.arbitrary()?, f64: u.arbitrary()?, cell: u.arbitrary()? },
        parameters: (0..u.int_in_range(0..=9)?).map(|_| bank(u)).collect::<Result<_>>()?,
        result: bank(u)?,
        constants: (0..u.int_in_range(0..=5)?).map(|_| constant(u)).collect::<Result<_>>()?,
        tables: u.arbitrary()?,
        code: (0..u.int_in_range(0..=40)?).map(|_| op(u)).collect::<Result<_>>()?,
        host: false,
    })
}

fn constant(u: &mut Unstructured<'_>) -> Result<Cell> {
    let tag: u64 = u.int_in_range(0xfff7..=0xffff)?;
    let payload = u.arbitrary::<u64>()? >> u.int_in_range(16..=63)?;
    Ok(match u.int_in_range(0..=3)? {
        0 => Cell::from_bits(u.arbitrary()?),
        1 => Cell::float(u.arbitrary()?),
        2 => Cell::from_bits(tag << 48 | payload),
        _ => Cell::inline_string(&u.bytes(4)?[..u.int_in_range(0..=4)?]).expect("4 bytes fit"),
    })
}

fn op(u: &mut Unstructured<'_>) -> Result<Op> {
    let small = u.ratio(3, 4)?;
    let mut field = || Ok(if small { u.int_in_range(0..=9)? } else { u.arbitrary::<u16>()? });
    let (a, b, c) = (field()?, field()?, field()?);
    let flags = if u.ratio(1, 2)? { u.int_in_range(0..=3)? } else { 0 };
    Ok(Op { code: u.int_in_range(0..=80)?, flags, a, b, c: c.cast_signed() })
}

/// Line, column and kind of the error in a text.
fn error(text: &str) -> (usize, usize, TextErrorKind) {
    let error = parse(text).unwrap_err();
    (error.line, error.column, error.kind)
}

/// The error in the third line of a function.
fn in_body(line: &str) -> (usize, TextErrorKind) {
    let (number, column, kind) = error(&format!("func f() -> i64 {{\nx: Nop\n{line}\n}}"));
    assert_eq!(number, 3, "{kind}");
    (column, kind)
}

#[test]
fn errors_point_at_the_word() {
    assert_eq!(in_body("  Nope"), (3, TextErrorKind::Mnemonic("Nope".into())));
    assert_eq!(in_body("Jump y"), (6, TextErrorKind::Label("y".into())));
    assert_eq!(in_body("x: Nop"), (1, TextErrorKind::LabelTwice("x".into())));
    assert_eq!(in_body("CallI64 r0, r0, g"), (17, TextErrorKind::Function("g".into())));
    assert_eq!(in_body("MovI64 r0, d1"), (12, TextErrorKind::Register { letter: 'r', found: "d1".into() }));
    assert_eq!(in_body("const k1 = null"), (7, TextErrorKind::Order("k0".into())));
    assert_eq!(in_body("const k0 = string \"abcdef\""), (19, TextErrorKind::LongString));
    assert_eq!(in_body("const k0 = 0x12"), (12, TextErrorKind::RawCell("0x12".into())));
    assert_eq!(in_body("const k0 = float 1.2.3"), (18, TextErrorKind::Float("1.2.3".into())));
    assert_eq!(in_body("const k0 = string \"\\q\""), (20, TextErrorKind::Escape));
    assert_eq!(in_body("const k0 = string \"ab"), (19, TextErrorKind::OpenString));
    assert_eq!(in_body("Nop §"), (5, TextErrorKind::Character('§')));
    assert!(matches!(in_body("ConstI64K r0, 32768"), (15, TextErrorKind::Number { .. })));
    assert!(matches!(in_body("FmaF64 d0, d1, d256, d0"), (16, TextErrorKind::Number { .. })));
    assert!(matches!(in_body("MovI64 r0 r1"), (11, TextErrorKind::Expected { .. })));
    assert!(matches!(in_body("Nop r0"), (5, TextErrorKind::Expected { .. })));
}

#[test]
fn errors_around_functions() {
    assert!(matches!(error("fun"), (1, 1, TextErrorKind::Expected { .. })));
    assert!(matches!(error("func f() -> i64 {"), (1, _, TextErrorKind::Expected { .. })));
    assert_eq!(error("entry f\n"), (1, 7, TextErrorKind::Function("f".into())));
    assert_eq!(error("entry 0\nentry 0\n"), (2, 1, TextErrorKind::Twice("entry")));
    let twice = "func f() -> i64 {\n}\nfunc f() -> i64 {\n}\nentry f\n";
    assert_eq!(error(twice), (5, 7, TextErrorKind::FunctionTwice("f".into())));
    let message = parse("func 7").unwrap_err().to_string();
    assert_eq!(message, "line 1, column 6: expected a name, found `7`");
}

#[test]
fn ops_have_the_lines_they_stand_on_unless_the_text_says_otherwise() {
    let text = "source \"a.src\"\nfunc f() -> i64 {\nNop\n\nx: Nop\nline 70\nNop\nJump x\n}\n\
                host func h() -> i64\nfunc g() -> i64 {\nJump 0\n}\n";
    let program = parse(text).unwrap();
    assert_eq!(program.source.file.as_deref(), Some("a.src"));
    assert_eq!(program.source.lines, [vec![3, 5, 70, 70], vec![], vec![12]]);
    assert_eq!([0, 3, 4].map(|pc| program.source.line(0, pc)), [Some(3), Some(70), None]);
    assert_eq!(error("source a\nsource b"), (2, 1, TextErrorKind::Twice("source")));
    assert!(matches!(in_body("line 0"), (6, TextErrorKind::Number { .. })));
}

#[test]
fn labels_comments_and_forward_calls() {
    let text = "; head\nentry main\nfunc g(i64) -> i64 {\nregs 1 i64\nReturnI64 r0 ; done\n}\n\
                func main() -> f64 {\nregs 2 i64, 3 f64\nJump end\nend: CallMixed d1, 1, main\n\
                FmaF64 d0, d1, d2, d0\nCallI64 r1, r0, g\nReturnF64 d1\n}";
    let program = parse(text).unwrap();
    assert_eq!((program.entry, program.functions.len()), (1, 2));
    let code = &program.functions[1].code;
    assert_eq!(code[0].index(), 1);
    assert_eq!((code[1].flags, code[1].a, code[1].b, code[1].index()), (1, 1, 1, 1));
    assert_eq!(code[2].register_pair(), [2, 0]);
    assert_eq!(code[3].index(), 0);
}
