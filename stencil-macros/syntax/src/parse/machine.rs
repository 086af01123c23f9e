//! The struct marked `#[machine]`.

use super::args::{self, BankSyntax};
use super::{attrs, types};
use crate::ast::{Bank, Fixed, Machine};
use crate::diag::Errors;
use crate::hash::canonical_type;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Expr, ExprLit, Field, Fields, ItemStruct, Lit, LitInt, Type, Visibility};

/// Integers and floats that are no whole register.
const NARROW: [&str; 13] =
    ["i8", "i16", "i32", "i128", "u8", "u16", "u32", "u128", "f16", "f32", "f128", "bool", "char"];

/// Parses the machine; what is wrong is added to the errors.
pub(super) fn parse(item: ItemStruct, errors: &mut Errors) -> Machine {
    let sorted = attrs::sort(item.attrs, "a machine", &["machine"], &["derive", "must_use"], errors);
    if let Some(attr) = sorted.get("machine") {
        errors.keep(args::none(attr));
    }
    for attr in sorted.kept.iter().filter(|attr| attr.path().is_ident("derive")) {
        let _ = attr.parse_nested_meta(|meta| {
            let last = meta.path.segments.last().map(|segment| segment.ident.to_string());
            if let Some(name @ ("Debug" | "Clone" | "Copy")) = last.as_deref() {
                errors.at(&meta.path, format!("a machine is `{name}` by itself; leave it out of `derive`"));
            }
            Ok(())
        });
    }
    let mut machine =
        Machine { attrs: sorted.kept, vis: item.vis, ident: item.ident, fixed: Vec::new(), banks: Vec::new() };
    if !item.generics.params.is_empty() {
        errors.at(&item.generics, "a machine cannot be generic; name the types");
    } else if let Some(clause) = &item.generics.where_clause {
        errors.at(clause, "a machine cannot be generic; remove the `where` clause");
    }
    let before = errors.len();
    match item.fields {
        Fields::Named(fields) => fields.named.into_iter().for_each(|part| field(part, &mut machine, errors)),
        Fields::Unnamed(fields) => errors.at(fields, "the parts of a machine need names; write `{ name: type }`"),
        Fields::Unit => {}
    }
    if errors.len() == before {
        complete(&machine, errors);
    } else {
        // Without banks every type of an operand passes: what is wrong here is not said again of each op.
        machine.banks.clear();
    }
    machine
}

/// What stands for the machine of a set that has none.
pub(super) fn nothing(set: &Ident) -> Machine {
    Machine { attrs: Vec::new(), vis: Visibility::Inherited, ident: set.clone(), fixed: Vec::new(), banks: Vec::new() }
}

fn field(field: Field, machine: &mut Machine, errors: &mut Errors) {
    let Some(ident) = field.ident else { return };
    if ident.to_string().starts_with("r#") {
        errors.at(&ident, "the name of a machine's part becomes part of other names; choose one that is no keyword");
        return;
    }
    let ty = types::plain(field.ty);
    if attrs::has(&field.attrs, "bank") {
        bank(ident, ty, field.attrs, machine, errors);
    } else {
        fixed(ident, ty, field.attrs, machine, errors);
    }
}

fn fixed(ident: Ident, ty: Type, attrs: Vec<syn::Attribute>, machine: &mut Machine, errors: &mut Errors) {
    let sorted = attrs::sort(attrs, "a fixed part", &["frame"], &[], errors);
    let frame = sorted.get("frame");
    if let Some(attr) = frame {
        errors.keep(args::none(attr));
        if machine.frame().is_some() {
            errors.at(attr, "slots are relative to one frame; remove one `#[frame]`");
        }
    }
    match &ty {
        Type::Array(_) => errors.at(&ty, "an array of registers is a bank; mark it with `#[bank]`"),
        Type::Ptr(_) => errors.keep(types::thin(&ty)).unwrap_or_default(),
        _ => {
            let message = "a fixed part must be a raw pointer, such as `*mut Context`; put other values into the struct it points to";
            errors.at(&ty, message);
        }
    }
    machine.fixed.push(Fixed { frame: frame.is_some(), attrs: sorted.kept, ident, ty });
}

fn bank(ident: Ident, ty: Type, attrs: Vec<syn::Attribute>, machine: &mut Machine, errors: &mut Errors) {
    let sorted = attrs::sort(attrs, "a bank", &["bank"], &[], errors);
    let args = sorted.get("bank").and_then(|attr| errors.keep(args::of_attribute::<BankSyntax>(attr)));
    let args = args.unwrap_or_default();
    args.errors.into_iter().for_each(|error| errors.push(error));
    let mut counts = Vec::new();
    for (key, token) in args.counts {
        counts.push((key, registers(&token, errors)));
    }
    let Type::Array(array) = ty else {
        errors.at(&ty, "a bank is an array of registers; write `[type; count]`");
        return;
    };
    let count = match &array.len {
        Expr::Lit(ExprLit { lit: Lit::Int(count), .. }) => registers(count, errors),
        other => {
            let message =
                "the macro cannot evaluate this; write the number of registers as a literal, such as `[i64; 4]`";
            errors.at(other, message);
            1
        }
    };
    let elem = types::plain(*array.elem);
    register_type(&elem, errors);
    machine.banks.push(Bank { attrs: sorted.kept, ident, ty: elem, count, counts });
}

/// A count, at least 1.
fn registers(count: &LitInt, errors: &mut Errors) -> usize {
    match errors.keep(count.base10_parse()) {
        Some(0) => {
            errors.at(count, "a bank of no registers; leave the bank out or pin at least one");
            1
        }
        count => count.unwrap_or(1),
    }
}

fn register_type(ty: &Type, errors: &mut Errors) {
    let name = canonical_type(ty);
    if NARROW.contains(&name.as_str()) {
        let message =
            format!("a register holds 64 bits, not a `{name}`; use `i64`, `u64` or `f64` and convert in the op bodies");
        errors.at(ty, message);
    } else if let Some(message) = types::reproach(ty) {
        errors.at(ty, message);
    } else if matches!(ty, Type::Tuple(_) | Type::Array(_) | Type::BareFn(_)) {
        let message = "a register holds `i64`, `u64`, `isize`, `usize`, `f64`, a raw pointer or a type of yours that implements `Register`";
        errors.at(ty, message);
    } else {
        errors.keep(types::thin(ty));
    }
}

/// Whether anything is missing.
fn complete(machine: &Machine, errors: &mut Errors) {
    if machine.fixed.is_empty() {
        let message = "the machine has no fixed part; its first one points to the struct that starts with an `Anchor`, such as `ctx: *mut Context`";
        errors.at(&machine.ident, message);
    }
    if machine.banks.is_empty() {
        errors.at(&machine.ident, "the machine has no register bank; add one, such as `#[bank] ints: [i64; 4]`");
    }
    if let Some(fourth) = machine.fixed.get(3) {
        let message = "a machine has at most 3 fixed parts; put this one into the struct the first one points to";
        errors.at(fourth.ident.to_token_stream(), message);
    }
}
