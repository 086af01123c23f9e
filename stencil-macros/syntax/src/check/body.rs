//! What the body of an op may do with its labels, exits and callees, and where it may leave from.

use super::tokens;
use crate::ast::{Op, Param, ParamKind};
use crate::diag::{Errors, alternatives};
use proc_macro2::{Ident, Span, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, Expr, Macro};

/// The macros by which control leaves an op, and what each is named after.
pub(crate) const WAYS: [&str; 5] = ["jump", "exit", "call", "ret", "leave"];

/// Checks the body of an op.
pub(super) fn check(op: &Op, block: &Block, errors: &mut Errors) {
    let before = errors.len();
    let mut body = Body { op, inside: None, used: Vec::new(), shadowed: Vec::new(), errors };
    body.visit_block(block);
    let used = body.used;
    for (param, kind) in targets(op) {
        if !used.contains(&&param.ident) && errors.len() == before {
            let (name, way) = (&param.ident, kind.way);
            errors.at(name, format!("`{name}` is never used; leave through it with `{way}!({name})`, or remove it"));
        }
    }
    if op.never && errors.len() == before && targets(op).next().is_none() && !op.ways.returns && !op.ways.leaves {
        let message = format!(
            "`{}` never falls through and has no way out; add a parameter such as `to: Label`, or use `ret!()` or `leave!()`",
            op.ident
        );
        errors.at(&op.ident, message);
    }
}

/// A kind of target, for messages.
struct Kind {
    /// With its article: `a label`.
    noun: &'static str,
    /// The macro that leaves through it.
    way: &'static str,
    /// What the name of a parameter to add for one would be, and its type.
    example: (&'static str, &'static str),
}

const LABEL: Kind = Kind { noun: "a label", way: "jump", example: ("taken", "Label") };
const EXIT: Kind = Kind { noun: "an exit", way: "exit", example: ("slow", "Exit") };
const CALLEE: Kind = Kind { noun: "a callee", way: "call", example: ("callee", "Callee") };

fn targets(op: &Op) -> impl Iterator<Item = (&Param, &'static Kind)> {
    op.params.iter().filter_map(|param| match param.kind {
        ParamKind::Label => Some((param, &LABEL)),
        ParamKind::Exit => Some((param, &EXIT)),
        ParamKind::Callee => Some((param, &CALLEE)),
        _ => None,
    })
}

struct Body<'a, 'e> {
    op: &'a Op,
    /// What the code being visited stands in, when control cannot leave the op from there.
    inside: Option<&'static str>,
    used: Vec<&'a Ident>,
    /// Targets that something was called by the name of: uses of those names mean that.
    shadowed: Vec<Ident>,
    errors: &'e mut Errors,
}

impl<'a> Body<'a, '_> {
    fn target(&self, name: &Ident) -> Option<(&'a Param, &'static Kind)> {
        targets(self.op).find(|(param, _)| param.ident == *name)
    }

    fn within(&mut self, what: &'static str, visit: impl FnOnce(&mut Self)) {
        let outside = self.inside.replace(what);
        visit(self);
        self.inside = outside;
    }

    /// One of the five macros.
    fn way(&mut self, mac: &Macro, name: &Ident) {
        if mac.path.segments.len() > 1 {
            self.errors.at(&mac.path, format!("`{name}!` is part of the language; write it without a path"));
        }
        if let Some(inside) = self.inside {
            let message = format!(
                "`{name}!` cannot leave the op from inside {inside}; end that with a value and leave the op after it"
            );
            self.errors.at(&mac.path, message);
        }
        let args: Vec<_> = mac.tokens.clone().into_iter().collect();
        let Some(kind) = [&LABEL, &EXIT, &CALLEE].into_iter().find(|kind| name == kind.way) else {
            if !args.is_empty() {
                self.errors.at(&mac.tokens, format!("`{name}!` takes nothing; write `{name}!()`"));
            }
            return;
        };
        let wanted = self.wanted(kind, args.first());
        match args.as_slice() {
            [TokenTree::Ident(target)] => match self.target(target) {
                Some((param, found)) => {
                    self.used.push(&param.ident);
                    if found.way != kind.way {
                        let message =
                            format!("`{target}` is {}; leave through it with `{}!({target})`", found.noun, found.way);
                        self.errors.at(target, message);
                    }
                }
                None => {
                    self.errors.at(target, format!("`{target}` is not {} of `{}`; {wanted}", kind.noun, self.op.ident))
                }
            },
            [] => self.errors.at(&mac.path, format!("`{name}!` does not say where to; {wanted}")),
            _ => self
                .errors
                .at(&mac.tokens, format!("`{name}!` takes the name of {}, nothing else; {wanted}", kind.noun)),
        }
    }

    /// What to write instead of a target that is none.
    fn wanted(&self, kind: &Kind, given: Option<&TokenTree>) -> String {
        let calls: Vec<_> = targets(self.op)
            .filter(|(_, other)| other.way == kind.way)
            .map(|(param, _)| format!("{}!({})", kind.way, param.ident))
            .collect();
        if calls.is_empty() {
            let (example, ty) = kind.example;
            match given {
                Some(TokenTree::Ident(name)) if !self.op.params.iter().any(|param| param.ident == *name) => {
                    format!("add a parameter `{name}: {ty}`")
                }
                _ => format!("add a parameter such as `{example}: {ty}`"),
            }
        } else {
            format!("write {}", alternatives(&calls))
        }
    }

    fn no_value(&mut self, name: &Ident, span: Span) {
        if let Some((param, kind)) = self.target(name) {
            self.used.push(&param.ident);
            if self.shadowed.contains(name) {
                return;
            }
            let message = format!(
                "`{name}` is {}, not a value; all that can be done with it is `{}!({name})`",
                kind.noun, kind.way
            );
            self.errors.at_span(span, message);
        }
    }

    /// The arguments of a macro that this crate does not know: nothing of the language may stand there.
    fn hidden(&mut self, mac: &Macro) {
        let callee = mac.path.segments.last().map_or_else(String::new, |segment| segment.ident.to_string());
        let flow = self.op.has_flow();
        tokens::scan(mac.tokens.clone(), &mut |found| match found {
            tokens::Found::Macro(name) if WAYS.iter().any(|way| name == way) => {
                let message = format!(
                    "`{name}!` among the arguments of `{callee}!` cannot be checked; leave the op outside of it"
                );
                self.errors.at_span(name.span(), message);
                tokens::Then::SkipArguments
            }
            tokens::Found::Word(name) => {
                if let Some((param, kind)) = targets(self.op).find(|(param, _)| param.ident == *name) {
                    self.used.push(&param.ident);
                    let message = format!(
                        "`{name}` is {}, not a value, and cannot be an argument of `{callee}!`; all that can be done with it is `{}!({name})`",
                        kind.noun, kind.way
                    );
                    self.errors.at_span(name.span(), message);
                } else if flow && name == "return" {
                    self.errors.at_span(name.span(), no_return(self.op));
                }
                tokens::Then::GoOn
            }
            _ => tokens::Then::GoOn,
        });
    }
}

fn no_return(op: &Op) -> String {
    let instead = if op.never {
        "leave through one of its ways out"
    } else {
        "end the block with the value, or leave through one of its ways out"
    };
    format!("`{}` has more than one way on, and `return` does not say which; {instead}", op.ident)
}

impl<'ast> Visit<'ast> for Body<'_, '_> {
    fn visit_macro(&mut self, mac: &'ast Macro) {
        match mac.path.segments.last() {
            Some(last) if WAYS.iter().any(|way| last.ident == way) => self.way(mac, &last.ident),
            _ => self.hidden(mac),
        }
    }

    fn visit_type_macro(&mut self, ty: &'ast syn::TypeMacro) {
        match ty.mac.path.segments.last() {
            Some(last) if WAYS.iter().any(|way| last.ident == way) => {
                let message = format!("`{}!` leaves the op and is no type; write it as a statement", last.ident);
                self.errors.at(&ty.mac.path, message);
            }
            _ => visit::visit_type_macro(self, ty),
        }
    }

    fn visit_expr_path(&mut self, expr: &'ast syn::ExprPath) {
        if let Some(ident) = expr.path.get_ident() {
            self.no_value(ident, ident.span());
        }
        visit::visit_expr_path(self, expr);
    }

    fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
        if let Some((param, kind)) = self.target(&pat.ident) {
            self.used.push(&param.ident);
            self.shadowed.push(pat.ident.clone());
            let message = format!(
                "`{0}` is {1} of `{2}` and cannot be shadowed; give the variable another name",
                pat.ident, kind.noun, self.op.ident
            );
            self.errors.at(&pat.ident, message);
        }
        visit::visit_pat_ident(self, pat);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.within("a closure", |body| visit::visit_expr_closure(body, closure));
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.errors.at(block.async_token, "an op runs to its end at once; remove the async block");
        self.within("an async block", |body| visit::visit_expr_async(body, block));
    }

    fn visit_expr_const(&mut self, block: &'ast syn::ExprConst) {
        self.within("a const block", |body| visit::visit_expr_const(body, block));
    }

    fn visit_item(&mut self, item: &'ast syn::Item) {
        self.within("a nested item", |body| visit::visit_item(body, item));
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.within("a nested function", |body| visit::visit_item_fn(body, item));
    }

    fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
        if self.inside.is_none() && self.op.has_flow() {
            self.errors.at(expr.return_token, no_return(self.op));
        }
        visit::visit_expr_return(self, expr);
    }

    fn visit_expr_try(&mut self, expr: &'ast syn::ExprTry) {
        if self.inside.is_none() {
            let message =
                "`?` returns a value that no op returns; match on it, and leave through an `Exit` if it is wrong";
            self.errors.at(expr.question_token, message);
        }
        visit::visit_expr_try(self, expr);
    }

    fn visit_expr_await(&mut self, expr: &'ast syn::ExprAwait) {
        self.errors.at(expr.await_token, "an op cannot wait; let the host wait and enter stitched code again");
        visit::visit_expr_await(self, expr);
    }

    fn visit_expr(&mut self, expr: &'ast Expr) {
        if let Expr::Verbatim(tokens) = expr {
            let span = tokens.span();
            self.errors.at_span(
                span,
                format!("this syntax cannot be checked: `{}`; write it in stable Rust", tokens.to_token_stream()),
            );
        }
        visit::visit_expr(self, expr);
    }
}
