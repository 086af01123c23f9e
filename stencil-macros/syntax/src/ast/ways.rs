//! The ways on from an op, and what they are called in the flow enum.

use super::{Op, ParamKind};
use proc_macro2::Ident;

/// A way on from an op that is not the next op.
#[derive(Debug, Clone, Copy)]
pub struct WayOut<'a> {
    /// The macro that takes it.
    pub call: &'static str,
    /// The label, exit or callee.
    pub target: Option<&'a Ident>,
}

impl WayOut<'_> {
    /// The name of its variant of the flow enum.
    #[must_use]
    pub fn variant(&self) -> String {
        match (self.target, self.call) {
            (Some(target), _) => camel_case(&target.to_string()),
            (None, "ret") => "Return".to_owned(),
            (None, _) => "Leave".to_owned(),
        }
    }
}

impl Op {
    /// The name of the flow enum: the op's in camel case.
    #[must_use]
    pub fn flow_ident(&self) -> Ident {
        Ident::new(&camel_case(&self.ident.to_string()), self.ident.span())
    }

    /// The ways on besides the next op: those with a parameter in the order written, then `ret!` and `leave!`.
    #[must_use]
    pub fn ways_out(&self) -> Vec<WayOut<'_>> {
        let targets = self.params.iter().filter_map(|param| {
            let call = match param.kind {
                ParamKind::Label => "jump",
                ParamKind::Exit => "exit",
                ParamKind::Callee => "call",
                _ => return None,
            };
            Some(WayOut { call, target: Some(&param.ident) })
        });
        let bare = [(self.ways.returns, "ret"), (self.ways.leaves, "leave")].into_iter();
        targets.chain(bare.filter_map(|(used, call)| used.then_some(WayOut { call, target: None }))).collect()
    }
}

/// `div_zero` → `DivZero`. Always a name that a type can have.
#[must_use]
pub fn camel_case(name: &str) -> String {
    let words = name.replace("r#", "");
    let mut camel: String = words
        .split('_')
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().into_iter().flat_map(char::to_uppercase).chain(chars)
        })
        .collect();
    if !camel.starts_with(|first: char| first.is_alphabetic()) {
        camel.insert_str(0, "__");
    }
    if camel == "Self" {
        camel.push('_');
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_camel_case_that_is_a_name() {
        for (name, camel) in [
            ("div_zero", "DivZero"),
            ("r#type", "Type"),
            ("add_1", "Add1"),
            ("_1", "__1"),
            ("__", "__"),
            ("self_", "Self_"),
            ("über", "Über"),
        ] {
            assert_eq!(camel_case(name), camel);
            assert!(syn::parse_str::<Ident>(camel).is_ok(), "{camel}");
        }
    }
}
