//! The struct marked `#[machine]`.

use super::args::BankArgs;
use super::is_attr;
use crate::ast::{Bank, Fixed, Machine};
use crate::diag::Errors;
use crate::layout::{Target, is_float};
use syn::{Expr, ExprLit, Field, ItemStruct, Lit, Meta, Type};

/// Parses the machine; what is wrong is added to the errors and left out.
pub(super) fn parse(item: ItemStruct, errors: &mut Errors) -> Machine {
    let mut machine = Machine {
        attrs: item.attrs.into_iter().filter(|attr| !is_attr(attr, "machine")).collect(),
        vis: item.vis,
        ident: item.ident,
        fixed: Vec::new(),
        banks: Vec::new(),
    };
    if !item.generics.params.is_empty() {
        errors.at(&item.generics, "a machine cannot be generic; name the types");
    }
    for field in item.fields {
        if field.ident.is_none() {
            errors.at(&field, "the parts of a machine need names; write `name: type`");
            continue;
        }
        if field.attrs.iter().any(|attr| is_attr(attr, "bank")) {
            machine.banks.extend(errors.keep(bank(field)));
        } else {
            machine.fixed.extend(errors.keep(fixed(field)));
        }
    }
    check(&machine, errors);
    machine
}

fn fixed(field: Field) -> syn::Result<Fixed> {
    let Some(ident) = field.ident else { return Err(syn::Error::new_spanned(field.ty, "a fixed part needs a name")) };
    if let Type::Array(array) = &field.ty {
        return Err(syn::Error::new_spanned(array, "an array of registers is a bank; mark it with `#[bank]`"));
    }
    if !matches!(field.ty, Type::Ptr(_)) {
        let message =
            "a fixed part must be a raw pointer, such as `*mut Context`; put other values into the struct it points to";
        return Err(syn::Error::new_spanned(field.ty, message));
    }
    let frame = field.attrs.iter().any(|attr| is_attr(attr, "frame"));
    let attrs = field.attrs.into_iter().filter(|attr| !is_attr(attr, "frame")).collect();
    Ok(Fixed { attrs, ident, ty: field.ty, frame })
}

fn bank(field: Field) -> syn::Result<Bank> {
    let Some(ident) = field.ident else { return Err(syn::Error::new_spanned(field.ty, "a bank needs a name")) };
    let Type::Array(array) = field.ty else {
        return Err(syn::Error::new_spanned(field.ty, "a bank is an array of registers; write `[type; count]`"));
    };
    let Expr::Lit(ExprLit { lit: Lit::Int(count), .. }) = &array.len else {
        return Err(syn::Error::new_spanned(&array.len, "the number of registers must be written as a number"));
    };
    let count = match count.base10_parse()? {
        0 => {
            return Err(syn::Error::new_spanned(
                &array.len,
                "a bank of no registers; leave it out or pin at least one",
            ));
        }
        count => count,
    };
    let mut counts = Vec::new();
    let mut attrs = Vec::new();
    for attr in field.attrs {
        match &attr.meta {
            Meta::List(list) if is_attr(&attr, "bank") => counts = syn::parse2::<BankArgs>(list.tokens.clone())?.counts,
            _ if is_attr(&attr, "bank") => {}
            _ => attrs.push(attr),
        }
    }
    Ok(Bank { attrs, ident, ty: *array.elem, count, counts })
}

fn check(machine: &Machine, errors: &mut Errors) {
    if machine.fixed.is_empty() {
        let message = "the machine has no fixed part; its first one points to the struct that starts with an `Anchor`, such as `ctx: *mut Context`";
        errors.at(&machine.ident, message);
    }
    if machine.fixed.len() > 3 {
        errors.at(
            &machine.fixed[3].ident,
            "a machine has at most 3 fixed parts; put this one into the struct the first one points to",
        );
    }
    if machine.banks.is_empty() {
        errors.at(&machine.ident, "the machine has no register bank; add one, such as `#[bank] ints: [i64; 4]`");
    }
    let frames: Vec<_> = machine.fixed.iter().filter(|fixed| fixed.frame).collect();
    if let Some(second) = frames.get(1) {
        errors.at(&second.ident, "slots are relative to one frame; remove one `#[frame]`");
    }
    for (index, bank) in machine.banks.iter().enumerate() {
        if let Some(other) = machine.banks[..index].iter().find(|other| other.ty == bank.ty) {
            let message = format!(
                "banks `{}` and `{}` have the same type, so an operand's type does not say which is meant; give one of them a `#[repr(transparent)]` type of its own",
                other.ident, bank.ident
            );
            errors.at(&bank.ident, message);
        }
    }
    for target in Target::all() {
        let count = |float: bool| -> usize {
            let banks = machine.banks.iter().enumerate().filter(|(_, bank)| is_float(&bank.ty) == float);
            banks.map(|(index, _)| machine.registers(index, target)).sum()
        };
        let (integers, floats) = (count(false) + machine.fixed.len(), count(true));
        for (needed, limit, class) in
            [(integers, target.integer_registers(), "integer"), (floats, target.float_registers(), "floating-point")]
        {
            if needed > limit {
                let message = format!(
                    "the machine needs {needed} {class} registers, {} in the {} convention has {limit}; pin fewer with `#[bank({}_{} = n)]`",
                    target.architecture.name(),
                    target.convention.name(),
                    target.architecture.name(),
                    target.convention.name(),
                );
                errors.at(&machine.ident, message);
            }
        }
        for (index, bank) in machine.banks.iter().enumerate() {
            if machine.registers(index, target) == 0 {
                let message = format!(
                    "bank `{}` has no registers on {} in the {} convention; pin at least one",
                    bank.ident,
                    target.architecture.name(),
                    target.convention.name()
                );
                errors.at(&bank.ident, message);
            }
        }
    }
}
