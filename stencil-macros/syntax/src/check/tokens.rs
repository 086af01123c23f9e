//! Tokens that nobody has parsed: the arguments of macros.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// Something in the tokens.
pub(super) enum Found<'a> {
    /// `name!(…)`.
    Macro(&'a Ident),
    /// `name(…)`, unless it is a method.
    Call(&'a Ident),
    /// `name::`, at the start of a path.
    Path(&'a Ident),
    /// Any other name that is no field, method, lifetime or later part of a path.
    Word(&'a Ident),
}

/// How to go on after a macro.
#[derive(PartialEq, Eq)]
pub(super) enum Then {
    /// Look at everything.
    GoOn,
    /// Leave the arguments of the macro out.
    SkipArguments,
}

/// Calls `see` for everything of interest, in nested groups too.
pub(super) fn scan(tokens: TokenStream, see: &mut dyn FnMut(Found<'_>) -> Then) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let punct = |index: Option<usize>, wanted: char| {
        let token = index.and_then(|index| tokens.get(index));
        matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
    };
    let mut index = 0;
    while index < tokens.len() {
        match &tokens[index] {
            TokenTree::Group(group) => scan(group.stream(), see),
            TokenTree::Ident(ident) => {
                let (before, second) = (index.checked_sub(1), index.checked_sub(2));
                let range = punct(before, '.') && punct(second, '.');
                let part = punct(before, '.') && !range || punct(before, ':') && punct(second, ':');
                if !part && !punct(before, '\'') {
                    let group = |at: usize| match tokens.get(at) {
                        Some(TokenTree::Group(group)) => Some(group),
                        _ => None,
                    };
                    if punct(Some(index + 1), '!') && group(index + 2).is_some() {
                        if see(Found::Macro(ident)) == Then::SkipArguments {
                            index += 2;
                        }
                    } else if punct(Some(index + 1), ':') && punct(Some(index + 2), ':') {
                        see(Found::Path(ident));
                    } else if group(index + 1).is_some_and(|group| group.delimiter() == Delimiter::Parenthesis) {
                        see(Found::Call(ident));
                        see(Found::Word(ident));
                    } else {
                        see(Found::Word(ident));
                    }
                }
            }
            _ => {}
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        scan(text.parse().unwrap(), &mut |what| {
            found.push(match what {
                Found::Macro(name) => format!("{name}!"),
                Found::Call(name) => format!("{name}()"),
                Found::Path(name) => format!("{name}::"),
                Found::Word(name) => name.to_string(),
            });
            if found.last().is_some_and(|last| last.starts_with("jump!")) { Then::SkipArguments } else { Then::GoOn }
        });
        found
    }

    #[test]
    fn names_that_stand_for_something_else_are_left_out() {
        assert_eq!(found("a.b + c::d + 'e: loop {}"), ["a", "c::", "loop"]);
        assert_eq!(found("0..x, ..=y, z"), ["x", "y", "z"]);
    }

    #[test]
    fn groups_are_looked_into() {
        assert_eq!(found("{ [ (x) ] } jump!(y) other!(z)"), ["x", "jump!", "other!", "z"]);
        assert_eq!(found("f(x).g(y)"), ["f()", "f", "x", "y"]);
    }
}
