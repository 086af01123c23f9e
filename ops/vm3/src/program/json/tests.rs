//! What files may hold, and what happens when they hold something else.

use super::{File, JsonError, Status, Value};
use crate::program::{Cell, Opcode};

const FILE: &str = r#"{"schema": "any", "programs": [{
    "name": "p", "group": "g", "source": "p.src", "entry": 0, "arena_strings": ["00ff"],
    "funcs": [{"name": "f", "num_regs": {"i64": 1, "f64": 0, "cell": 2}, "param_banks": ["i64", "cell"],
        "result_bank": "f64", "consts": ["0xfffc000000000000"], "i64_tables": [["-9223372036854775808"]],
        "code": [{"op": "Nop", "code": 0, "flags": 0, "a": 0, "b": 0, "c": 0, "n": 3, "line": 9},
                 {"op": "Op200", "code": 200, "flags": 1, "a": 2, "b": 3, "c": -4}]}],
    "cases": [{"args": ["-1"], "vm": "reuse", "collect_before": true, "expect": {
        "status": "ok", "cell": "0xffff200000000000", "raw_bits": "0xffff200000000000", "ret_bank": "cell",
        "value": {"type": "map", "table_len": 8, "entries": [["0xfffa000000000002", "0xfffa000000000003"],
            ["1", "-1"]]},
        "arena_after": {"map": [2, 1]}, "ops": 9, "max_depth": 1}}]}]}"#;

#[test]
fn everything_of_a_file_is_read() {
    let file = File::parse(FILE).unwrap();
    let [program] = &file.programs[..] else { panic!("one program") };
    assert_eq!((program.name.as_str(), program.group.as_deref()), ("p", Some("g")));
    assert_eq!(program.program.strings, [[0, 0xff]]);
    let function = &program.program.functions[0];
    assert_eq!(function.constants, [Cell::NULL]);
    assert_eq!(function.tables, [[i64::MIN]]);
    assert_eq!(function.code.len(), 4);
    assert_eq!(function.code[2].opcode(), Some(Opcode::Nop));
    assert_eq!((function.code[3].code, function.code[3].c), (200, -4));
    assert_eq!(program.program.source.file.as_deref(), Some("p.src"));
    assert_eq!(program.program.source.lines, [[9, 9, 9, 0]]);
    assert_eq!(program.program.source.line(0, 3), None);
    let case = &program.cases[0];
    assert!(case.reuse && case.collect_before && !case.bench);
    assert_eq!(case.expect.status, Status::Ok);
    assert_eq!(case.expect.arenas, [(0, 0), (0, 0), (2, 1)]);
    let entries = vec![(Cell::int(1), Cell::int(-1)), (Cell::int(2), Cell::int(3))];
    assert_eq!(case.expect.value, Some(Value::Map { table: 8, entries: Some(entries) }));
}

/// The error after one replacement in the file.
fn error(from: &str, to: &str) -> String {
    assert!(FILE.contains(from), "{from}");
    File::parse(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
}

#[test]
fn errors_name_the_place() {
    for (from, to, text) in [
        ("-9223372036854775808", "1.5", "program `p`, function 0 `f`: `1.5` is no decimal i64"),
        ("\"f64\": 0", "\"f65\": 0", "missing field `f64`"),
        ("\"result_bank\": \"f64\"", "\"result_bank\": \"f32\"", "`f32` is no bank"),
        ("Op200", "Nop", "program `p`, function 0 `f`, pc 3: opcode 200 is `Op200`, not `Nop`"),
        ("00ff", "0", "program `p`, arena_strings: `0` is no string of hexadecimal bytes"),
        ("\"-1\"]", "\"x\"]", "program `p`, case 0: `x` is no decimal i64"),
        ("reuse", "old", "`old` is no way to choose a machine"),
        ("\"ok\"", "\"fine\"", "`fine` is no status"),
        ("\"arena_after\": {\"map", "\"arena_after\": {\"set", "`set` is no arena that ops can reach"),
        ("\"c\": -4", "\"c\": 32768", "expected i16"),
    ] {
        let error = error(from, to);
        assert!(error.contains(text), "{error}");
    }
    assert!(matches!(File::parse("{}"), Err(JsonError::NoPrograms)));
    assert!(matches!(File::parse("{\"programs\": ["), Err(JsonError::Syntax(_))));
}

#[test]
fn absurd_repeat_counts_are_refused() {
    for count in ["0", "4194306", "18446744073709551615"] {
        let error = error("\"n\": 3", &format!("\"n\": {count}"));
        assert!(error.contains(&format!("pc 0: repeat count {count}")), "{error}");
    }
    assert!(error("\"n\": 3", "\"n\": -1").contains("invalid value"));
    let most = FILE.replacen("\"n\": 3", "\"n\": 4194305", 1);
    assert_eq!(File::parse(&most).unwrap().programs[0].program.functions[0].code.len(), 4_194_306);
}
