//! Which attributes may stand where.

use crate::diag::{Errors, alternatives};
use syn::{AttrStyle, Attribute};

/// The attributes that only mean something inside an op set, and where.
pub(crate) const OURS: [(&str, &str); 7] = [
    ("stencil", "a function of the op set itself"),
    ("machine", "a struct of the op set itself"),
    ("fuse", "a function without a body of the op set itself"),
    ("bank", "a field of the machine"),
    ("frame", "a field of the machine"),
    ("hole", "a parameter of an op"),
    ("operand", "a parameter of an op"),
];

/// Documentation and lint levels: what may stand on everything.
const HARMLESS: [&str; 6] = ["doc", "allow", "expect", "warn", "deny", "forbid"];

/// Whether an attribute is ours, by its last segment: `#[stencil]` or `#[stencil_macros::stencil]`.
pub(crate) fn is_attr(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// Whether one of our attributes is among them.
pub(super) fn has(attrs: &[Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| is_attr(attr, name))
}

/// The attribute as it stands before an item, wherever it was written.
pub(super) fn outer(attr: Attribute) -> Attribute {
    Attribute { style: AttrStyle::Outer, ..attr }
}

/// Attributes sorted: those of ours that are expected, one of each, and those to keep.
pub(super) struct Sorted {
    ours: Vec<Attribute>,
    pub(super) kept: Vec<Attribute>,
}

impl Sorted {
    /// The attribute of ours with this name.
    pub(super) fn get(&self, name: &str) -> Option<&Attribute> {
        self.ours.iter().find(|attr| is_attr(attr, name))
    }
}

/// Sorts the attributes of `what`, which may have those of ours in `expected` and, beside documentation and lint levels,
/// those in `also`.
pub(super) fn sort(attrs: Vec<Attribute>, what: &str, expected: &[&str], also: &[&str], errors: &mut Errors) -> Sorted {
    let mut sorted = Sorted { ours: Vec::new(), kept: Vec::new() };
    for attr in attrs {
        let tool = attr.path().segments.first().is_some_and(|s| s.ident == "rustfmt" || s.ident == "clippy");
        let one_of = |names: &[&str]| names.iter().any(|name| attr.path().is_ident(name));
        if let Some(name) = expected.iter().find(|name| is_attr(&attr, name)) {
            if sorted.get(name).is_some() {
                errors.at(&attr, format!("duplicate `#[{name}]` attribute; remove one of them"));
            } else {
                sorted.ours.push(attr);
            }
        } else if let Some((name, place)) = OURS.iter().find(|(name, _)| is_attr(&attr, name)) {
            errors.at(&attr, format!("`#[{name}]` is not expected here; it belongs on {place}"));
        } else if one_of(&["cfg", "cfg_attr"]) {
            let message = format!(
                "{what} cannot depend on `cfg`: the table would be made for a different set than the program; remove the attribute"
            );
            errors.at(&attr, message);
        } else if tool || one_of(&HARMLESS) || one_of(also) {
            sorted.kept.push(outer(attr));
        } else {
            let takes = match expected {
                [] => "documentation and lint levels".to_owned(),
                names => {
                    let names: Vec<_> = names.iter().map(|name| format!("#[{name}]")).collect();
                    format!("{}, documentation and lint levels", alternatives(&names))
                }
            };
            errors.at(&attr, format!("{what} takes {takes}, nothing else; remove this attribute"));
        }
    }
    sorted
}
