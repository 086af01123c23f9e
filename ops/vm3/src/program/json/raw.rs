//! The file as its JSON is written; unknown keys are skipped.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
pub(super) struct RawFile {
    pub(super) programs: Option<Vec<RawProgram>>,
    pub(super) kernels: Option<Vec<RawProgram>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawProgram {
    pub(super) name: String,
    pub(super) group: Option<String>,
    /// The file that lines of ops count in.
    pub(super) source: Option<String>,
    pub(super) entry: usize,
    #[serde(default)]
    pub(super) arena_strings: Vec<String>,
    pub(super) funcs: Vec<RawFunction>,
    pub(super) cases: Vec<RawCase>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawRegisters {
    pub(super) i64: u16,
    pub(super) f64: u16,
    pub(super) cell: u16,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawFunction {
    pub(super) name: String,
    pub(super) num_regs: RawRegisters,
    pub(super) param_banks: Vec<String>,
    pub(super) result_bank: String,
    #[serde(default)]
    pub(super) consts: Vec<String>,
    #[serde(default)]
    pub(super) i64_tables: Vec<Vec<String>>,
    pub(super) code: Vec<RawOp>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawOp {
    pub(super) op: Option<String>,
    pub(super) code: u8,
    #[serde(default)]
    pub(super) flags: u8,
    pub(super) a: u16,
    pub(super) b: u16,
    pub(super) c: i16,
    pub(super) n: Option<u64>,
    /// The line that the op stands for, from 1.
    #[serde(default)]
    pub(super) line: u32,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawCase {
    pub(super) args: Vec<String>,
    pub(super) vm: Option<String>,
    #[serde(default)]
    pub(super) collect_before: bool,
    #[serde(default)]
    pub(super) bench: bool,
    pub(super) expect: RawExpectation,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawStop {
    pub(super) func: String,
    pub(super) pc: usize,
    pub(super) depth: usize,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawValue {
    pub(super) r#type: String,
    pub(super) bytes: Option<String>,
    #[serde(default)]
    pub(super) cells: Vec<String>,
    #[serde(default)]
    pub(super) table_len: usize,
    #[serde(default)]
    pub(super) entries: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RawExpectation {
    pub(super) status: String,
    pub(super) cell: Option<String>,
    pub(super) ret_bank: Option<String>,
    pub(super) raw_bits: Option<String>,
    pub(super) value: Option<RawValue>,
    pub(super) error: Option<String>,
    pub(super) fault: Option<RawStop>,
    pub(super) deopt_pc: Option<u16>,
    #[serde(default)]
    pub(super) arena_after: BTreeMap<String, (usize, usize)>,
    pub(super) ops: Option<u64>,
    pub(super) max_depth: Option<usize>,
}
