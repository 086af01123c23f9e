//! Lists of places: `reg, slot, literal` or `reg(..4), slot`.

use crate::ast::{Choices, Machine, RegisterChoice};
use crate::diag::Errors;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitInt, Result, Token, parenthesized};

/// The places as written.
#[derive(Debug)]
pub(super) struct Places {
    /// `..4`, if not all registers are meant.
    pub(super) first: Option<LitInt>,
    pub(super) slot: Option<Ident>,
    pub(super) literal: Option<Ident>,
}

impl Parse for Places {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut places = Self { first: None, slot: None, literal: None };
        let mut registers = None;
        let start = input.span();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let place = if key == "reg" {
                if input.peek(syn::token::Paren) {
                    places.first = Some(first_registers(input)?);
                }
                &mut registers
            } else if key == "slot" {
                &mut places.slot
            } else if key == "literal" {
                &mut places.literal
            } else {
                let message =
                    format!("unknown place `{key}`; an operand may be in `reg`, `reg(..n)`, `slot` or `literal`");
                return Err(Error::new(key.span(), message));
            };
            if place.replace(key.clone()).is_some() {
                return Err(Error::new(key.span(), format!("`{key}` is listed twice; remove one of them")));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if registers.is_none() {
            let message =
                "`reg` is missing: every operand must have variants in registers, which the others are reached through";
            return Err(Error::new(start, message));
        }
        Ok(places)
    }
}

fn first_registers(input: ParseStream<'_>) -> Result<LitInt> {
    let content;
    parenthesized!(content in input);
    content.parse::<Token![..]>()?;
    let count: LitInt = content.parse()?;
    if count.base10_parse::<usize>()? == 0 {
        return Err(Error::new(count.span(), "no register is left; an operand needs at least one"));
    }
    Ok(count)
}

impl Places {
    /// What the places mean on a machine, for a value of a bank if one is known.
    pub(super) fn choices(&self, machine: &Machine, bank: Option<usize>, errors: &mut Errors) -> Choices {
        let first = self.first.as_ref().map(|count| (count, count.base10_parse::<usize>().unwrap_or(usize::MAX)));
        if let (Some((token, count)), Some(bank)) = (first, bank)
            && let Some(pinned) = machine.banks.get(bank)
            && count > machine.most_registers(bank)
        {
            let message = format!(
                "bank `{}` has no {count} registers, {} is the most; write `reg` for all of them",
                pinned.ident,
                machine.most_registers(bank)
            );
            errors.at(token, message);
        }
        if let Some(slot) = &self.slot
            && machine.frame().is_none()
        {
            let message =
                "the machine has no frame that slots could be in; mark one of its fixed parts with `#[frame]`";
            errors.at(slot, message);
        }
        Choices {
            registers: first.map_or(RegisterChoice::All, |(_, count)| RegisterChoice::First(count)),
            slot: self.slot.is_some() && machine.frame().is_some(),
            literal: self.literal.is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(text: &str) -> String {
        syn::parse_str::<Places>(text).unwrap_err().to_string()
    }

    #[test]
    fn places_are_read_in_any_order() {
        let places: Places = syn::parse_str("literal, reg(..3), slot").unwrap();
        assert_eq!(places.first.unwrap().base10_digits(), "3");
        assert!(places.slot.is_some() && places.literal.is_some());
        let places: Places = syn::parse_str("reg,").unwrap();
        assert!(places.first.is_none() && places.slot.is_none() && places.literal.is_none());
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(message("slot").starts_with("`reg` is missing"));
        assert!(message("").starts_with("`reg` is missing"));
        assert!(message("reg, reg").starts_with("`reg` is listed twice"));
        assert!(message("reg, reg(..2)").starts_with("`reg` is listed twice"));
        assert!(message("reg(..0)").starts_with("no register is left"));
        assert!(message("reg(2)").starts_with("expected `..`"));
        assert!(message("stack").starts_with("unknown place `stack`"));
    }
}
