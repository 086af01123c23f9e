//! The hash that table and program must agree on: over our own tree, not over token text, which differs between the
//! compiler's tokens and proc-macro2's.

use crate::ast::{Choices, HoleType, Op, OpSet, ParamKind, RegisterChoice, WordType};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use std::fmt::Write;
use syn::Type;

/// The hash of an op set: names, kinds, types and placements of everything that the emission API and the table must
/// agree on. Bodies are not part of it: a change of body needs a new table, but not a new API.
#[must_use]
pub fn of_set(set: &OpSet) -> u128 {
    let mut text = format!("set {}\n", set.args.table);
    for fixed in &set.machine.fixed {
        let _ = writeln!(text, "fixed {} {} {}", fixed.ident, canonical_type(&fixed.ty), fixed.frame);
    }
    for bank in &set.machine.banks {
        let _ = writeln!(text, "bank {} {} {} {:?}", bank.ident, canonical_type(&bank.ty), bank.count, bank.counts);
    }
    for op in &set.ops {
        describe(op, &mut text);
    }
    fnv1a_128(text.as_bytes())
}

fn describe(op: &Op, text: &mut String) {
    let _ = writeln!(text, "op {} never={} ret={} leave={}", op.ident, op.never, op.ways.returns, op.ways.leaves);
    for result in &op.results {
        let _ = writeln!(text, "  result {} {} {}", result.ident, result.bank, describe_choices(result.choices));
    }
    for param in &op.params {
        let kind = match &param.kind {
            ParamKind::Operand { bank, choices } => format!("operand {bank} {}", describe_choices(*choices)),
            ParamKind::Hole(ty) => {
                let sort = match ty {
                    HoleType::Word(WordType::Int) => "word",
                    HoleType::Word(WordType::Half) => "half",
                    HoleType::Word(WordType::Bool) => "bool",
                    HoleType::Word(WordType::F32) => "f32",
                    HoleType::Int64 => "int64",
                    HoleType::F64 => "f64",
                    HoleType::Pointer => "pointer",
                    HoleType::Function => "function",
                    HoleType::HostFn(_) => "host",
                };
                format!("hole {sort} {}", canonical_type(&param.ty))
            }
            ParamKind::Label => "label".to_owned(),
            ParamKind::Exit => "exit".to_owned(),
            ParamKind::Callee => "callee".to_owned(),
            ParamKind::Fixed => "fixed".to_owned(),
        };
        let _ = writeln!(text, "  param {} {kind}", param.ident);
    }
    if let crate::ast::Action::Fused(steps) = &op.action {
        for step in steps {
            let _ = writeln!(text, "  step {} {:?}", step.op, step.values);
        }
    }
}

fn describe_choices(choices: Choices) -> String {
    let registers = match choices.registers {
        RegisterChoice::All => "all".to_owned(),
        RegisterChoice::First(count) => count.to_string(),
    };
    format!("reg={registers} slot={} literal={}", choices.slot, choices.literal)
}

/// The tokens of a type separated by single spaces.
#[must_use]
pub fn canonical_type(ty: &Type) -> String {
    let mut text = String::new();
    canonical(ty.to_token_stream(), &mut text);
    text
}

fn canonical(tokens: TokenStream, text: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                canonical(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => text.push(punct.as_char()),
            TokenTree::Ident(ident) => word(&ident.to_string(), text),
            TokenTree::Literal(literal) => word(&literal.to_string(), text),
        }
    }
}

/// Words are separated by a space where two of them would run together.
fn word(word: &str, text: &mut String) {
    if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
        text.push(' ');
    }
    text.push_str(word);
}

/// The hash of Fowler, Noll and Vo, variant 1a, 128 bits: <https://datatracker.ietf.org/doc/html/rfc9923>.
fn fnv1a_128(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013B;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u128::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv1a_128(b""), 0x6C62_272E_07BB_0142_62B8_2175_6295_C58D);
        assert_eq!(fnv1a_128(b"a"), 0xD228_CB69_6F1A_8CAF_7891_2B70_4E4A_8964);
    }

    #[test]
    fn types_are_written_the_same_whatever_their_spacing() {
        let one: Type = syn::parse_str("* mut Foo < 'static , u8 >").unwrap();
        let two: Type = syn::parse_str("*mut Foo<'static,u8>").unwrap();
        assert_eq!(canonical_type(&one), canonical_type(&two));
        assert_eq!(canonical_type(&one), "*mut Foo<'static,u8>");
    }
}
