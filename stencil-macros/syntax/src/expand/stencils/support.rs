//! What all stencils of a set share: crate attributes, the hole symbols, and helpers that read holes.

use super::{Holes, Style};
use crate::ast::{OpSet, ParamKind};
use crate::hash::canonical_type;
use crate::layout::{Architecture, Argument, Convention, Format, Target, is_float};
use crate::symbols::{Form, Symbol, marks_section};
use std::fmt::Write;

/// Crate attributes.
pub(super) fn head(target: Target) -> String {
    let features = match target.convention {
        Convention::Portable => "",
        Convention::Wide => {
            "#![feature(rust_preserve_none_cc, explicit_tail_calls, linkage)]\n#![allow(incomplete_features)]\n"
        }
    };
    format!(
        "#![no_std]\n{features}#![allow(dead_code, unused_imports, unused_variables, unused_mut, unused_parens, unused_braces, \
         unreachable_code, improper_ctypes, non_camel_case_types, non_upper_case_globals, unused_macros, unused_unsafe)]\n"
    )
}

/// The declarations of all holes and the helpers.
pub(super) fn text(set: &OpSet, style: Style) -> String {
    let Style { target, format, holes } = style;
    let mut text = String::from("use super::*;\n\n");
    let abi = target.abi(format);
    let parameters = parameters(set, target);
    let most = set.ops.iter().map(|op| op.values().len()).max().unwrap_or_default();
    let _ = writeln!(text, "unsafe extern \"{abi}\" {{");
    let mut targets = vec![Symbol::Continuation, Symbol::Return, Symbol::Leave];
    for value in 0..most {
        targets.extend([Form::Target, Form::Callee].map(|form| Symbol::Hole { form, value }));
    }
    for symbol in targets {
        let _ = writeln!(text, "    fn {symbol}({parameters});");
    }
    text.push_str("}\n\nunsafe extern \"C\" {\n");
    for value in 0..most {
        let weak = weak_short(style);
        let short = Symbol::Hole { form: Form::Short, value };
        if weak {
            let _ = writeln!(text, "    #[linkage = \"extern_weak\"] static {short}: *const u8;");
        } else {
            let _ = writeln!(text, "    static {short}: {};", holes.short_type());
        }
        for (form, ty) in [(Form::Slot, "u8"), (Form::Wide, holes.wide_type()), (Form::Word, "u8")] {
            let _ = writeln!(text, "    static {}: {ty};", Symbol::Hole { form, value });
        }
    }
    text.push_str("}\n");
    text.push_str(&helpers(target.architecture, format));
    text.push_str(holes.overrides());
    text
}

/// Whether short literals are addresses of weak symbols, which fold into instructions, rather than moves that the
/// optimiser cannot look into. Weak symbols may be null and may be equal, as values may.
pub(super) fn weak_short(style: Style) -> bool {
    let Style { target, format, holes } = style;
    let folds = target.architecture == Architecture::X86_64 && format != Format::MachO;
    folds && holes == Holes::Sound && target.convention == Convention::Wide
}

/// The name of a machine argument.
pub(super) fn argument_name(set: &OpSet, argument: Argument) -> String {
    match argument {
        Argument::Fixed(index) => set.machine.fixed[index].ident.to_string(),
        Argument::Register(bank, number) => format!("{}_{number}", set.machine.banks[bank].ident),
        Argument::Padding(index) => format!("__padding_{index}"),
    }
}

/// The parameter list of every stencil.
pub(super) fn parameters(set: &OpSet, target: Target) -> String {
    let arguments = set.machine.arguments(target);
    let parameters = arguments.into_iter().map(|argument| {
        let ty = match argument {
            Argument::Fixed(index) => canonical_type(&set.machine.fixed[index].ty),
            Argument::Register(bank, _) if is_float(&set.machine.banks[bank].ty) => "f64".to_owned(),
            Argument::Register(..) | Argument::Padding(_) => "u64".to_owned(),
        };
        format!("{}: {ty}", argument_name(set, argument))
    });
    parameters.collect::<Vec<_>>().join(", ")
}

/// The argument list that passes everything on.
pub(super) fn pass_on(set: &OpSet, target: Target) -> String {
    let names = set.machine.arguments(target).into_iter().map(|argument| argument_name(set, argument));
    names.collect::<Vec<_>>().join(", ")
}

/// Whether an op takes the fixed parts.
pub(super) fn takes_fixed(op: &crate::ast::Op) -> bool {
    op.params.iter().any(|param| matches!(param.kind, ParamKind::Fixed))
}

/// Reading holes and slots. The moves are opaque: a symbol's address is never null, never equal to another's and aligned
/// to the optimiser, and a value need not be.
///
/// Where a format has no relocation for such a field, the field is marked, see [`marks_section`].
fn helpers(architecture: Architecture, format: Format) -> String {
    match (architecture, format) {
        (Architecture::X86_64, Format::Elf | Format::Coff) => include_str!("support/x86_64.txt").to_owned(),
        (Architecture::X86_64, Format::MachO) => marked(format, include_str!("support/x86_64_marked.txt")),
        (Architecture::Aarch64, Format::Elf) => include_str!("support/aarch64.txt").to_owned(),
        (Architecture::Aarch64, _) => marked(format, include_str!("support/aarch64_marked.txt")),
        (Architecture::Riscv64, _) => include_str!("support/riscv64.txt").to_owned(),
    }
}

/// Helpers, after the macro with which they mark fields.
fn marked(format: Format, helpers: &str) -> String {
    let name = marks_section(format).unwrap_or_default();
    let section = match format {
        Format::MachO => format!("__DATA,{name}"),
        Format::Elf | Format::Coff => format!("{name},\\\"dr\\\""),
    };
    format!(
        "
macro_rules! mark {{
    ($field:literal, $hole:literal, $kind:literal) => {{
        concat!(\".pushsection {section}\\n.quad \", $field, \", \", $hole, \", \", $kind, \"\\n.popsection\")
    }};
}}
{helpers}"
    )
}
