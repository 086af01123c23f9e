//! Recursion: every function that a stencil calls is inlined into it.

use super::tokens::{self, Found, Then};
use crate::ast::{Action, Op};
use crate::diag::Errors;
use proc_macro2::Ident;
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{Block, Item};

/// Refuses ops that call themselves, through others or not, and ops that call helpers that do. Gives the names of the
/// functions whose calls were refused.
pub(super) fn check(ops: &[Op], items: &[Item], errors: &mut Errors) -> HashSet<Ident> {
    let ops = ops.iter().filter_map(|op| match &op.action {
        Action::Body(block) => Some((&op.ident, &**block)),
        _ => None,
    });
    let helpers = items.iter().filter_map(|item| match item {
        Item::Fn(item) => Some((&item.sig.ident, &*item.block)),
        _ => None,
    });
    let ops: Vec<_> = ops.collect();
    let functions: Vec<_> = ops.iter().copied().chain(helpers).collect();
    let names: Vec<_> = functions.iter().map(|(name, _)| *name).collect();
    let calls: Vec<_> = functions.iter().map(|(_, block)| calls_of(block, &names)).collect();
    let mut search =
        Search { names: &names, calls: &calls, path: Vec::new(), done: HashSet::new(), closing: Vec::new() };
    (0..ops.len()).for_each(|op| search.visit(op));
    for (from, call) in &search.closing {
        let through = if names[*from] == call { String::new() } else { format!(" through `{}`", names[*from]) };
        let message = format!(
            "`{call}` calls itself{through}, and a stencil has no stack to do that on; write a loop, or let the program call stitched code with `call!`"
        );
        errors.at(call, message);
    }
    search.closing.iter().map(|(from, _)| names[*from].clone()).collect()
}

/// A depth-first search for calls that lead back.
struct Search<'a> {
    names: &'a [&'a Ident],
    calls: &'a [Vec<(usize, Ident)>],
    path: Vec<usize>,
    done: HashSet<usize>,
    /// The calls that close a circle: who calls, and the name as written there.
    closing: Vec<(usize, Ident)>,
}

impl Search<'_> {
    fn visit(&mut self, function: usize) {
        if self.done.contains(&function) || function >= self.names.len() {
            return;
        }
        self.path.push(function);
        for (callee, name) in &self.calls[function] {
            if self.path.contains(callee) {
                self.closing.push((function, name.clone()));
            } else {
                self.visit(*callee);
            }
        }
        self.path.pop();
        self.done.insert(function);
    }
}

/// The functions of the set that a block calls: index and the name as written.
fn calls_of(block: &Block, names: &[&Ident]) -> Vec<(usize, Ident)> {
    let mut calls = Calls { names, found: Vec::new(), bound: Vec::new() };
    calls.visit_block(block);
    let bound = calls.bound;
    calls.found.into_iter().filter(|(_, name)| !bound.contains(name)).collect()
}

struct Calls<'a> {
    names: &'a [&'a Ident],
    found: Vec<(usize, Ident)>,
    /// Names of variables and nested functions: those are what is called then.
    bound: Vec<Ident>,
}

impl Calls<'_> {
    fn call(&mut self, name: &Ident) {
        if let Some(index) = self.names.iter().position(|other| *other == name) {
            self.found.push((index, name.clone()));
        }
    }
}

impl<'ast> Visit<'ast> for Calls<'_> {
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(path) = &*call.func {
            let segments: Vec<_> = path.path.segments.iter().collect();
            match segments.as_slice() {
                [name] => self.call(&name.ident),
                [start, name] if start.ident == "self" => self.call(&name.ident),
                _ => {}
            }
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        tokens::scan(mac.tokens.clone(), &mut |found| {
            if let Found::Call(name) = found {
                self.call(name);
            }
            Then::GoOn
        });
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        self.bound.push(pat.ident.clone());
        visit::visit_pat_ident(self, pat);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.bound.push(item.sig.ident.clone());
        visit::visit_item_fn(self, item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refused(items: &[Item]) -> Vec<String> {
        let ops: Vec<Op> = items
            .iter()
            .take(1)
            .filter_map(|item| match item {
                Item::Fn(item) => Some(Op {
                    attrs: vec![],
                    unsafety: None,
                    ident: item.sig.ident.clone(),
                    results: vec![],
                    never: false,
                    params: vec![],
                    action: Action::Body(item.block.clone()),
                    ways: crate::ast::Ways::default(),
                }),
                _ => None,
            })
            .collect();
        let mut errors = Errors::new();
        check(&ops, &items[1..], &mut errors);
        errors.finish().map_or_else(|error| error.into_iter().map(|error| error.to_string()).collect(), |()| vec![])
    }

    #[test]
    fn circles_are_found_through_helpers_and_in_macros() {
        let found = refused(&[
            parse_quote!(
                fn a() {
                    b()
                }
            ),
            parse_quote!(
                fn b() {
                    assert!(a() == 1)
                }
            ),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("`a` calls itself through `b`"), "{found:?}");
        let found = refused(&[
            parse_quote!(
                fn a() {
                    b();
                    b()
                }
            ),
            parse_quote!(
                fn b() {
                    self::b()
                }
            ),
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("`b` calls itself, "), "{found:?}");
    }

    #[test]
    fn calls_that_lead_nowhere_back_are_fine() {
        let items = [
            parse_quote!(
                fn a() {
                    b();
                    b();
                    c()
                }
            ),
            parse_quote!(
                fn b() {
                    c()
                }
            ),
            parse_quote!(
                fn c() {}
            ),
        ];
        assert_eq!(refused(&items), [""; 0]);
        // A helper that no op calls may do what it likes; a local of the same name is not the function.
        assert_eq!(
            refused(&[
                parse_quote!(
                    fn a() {}
                ),
                parse_quote!(
                    fn b() {
                        b()
                    }
                )
            ]),
            [""; 0]
        );
        assert_eq!(
            refused(&[parse_quote!(
                fn a() {
                    let a = |x| x;
                    a(1)
                }
            )]),
            [""; 0]
        );
        assert_eq!(
            refused(&[parse_quote!(
                fn a() {
                    x.a(1);
                    m::a(2)
                }
            )]),
            [""; 0]
        );
    }
}
