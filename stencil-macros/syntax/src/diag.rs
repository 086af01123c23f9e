//! Collecting errors, so that a user sees every mistake at once.

use proc_macro2::Span;
use quote::ToTokens;
use std::fmt::Display;
use syn::Error;

/// Errors found so far.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    found: Vec<Error>,
}

impl Errors {
    /// No errors yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds an error that points at `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.found.push(Error::new_spanned(tokens, message));
    }

    /// Adds an error that points at a span.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.found.push(Error::new(span, message));
    }

    /// Adds an error of syn's, or several.
    pub(crate) fn push(&mut self, error: Error) {
        self.found.extend(error);
    }

    /// The value, or `None` and the error is kept.
    pub(crate) fn keep<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.push(error)).ok()
    }

    /// How many were found so far.
    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// `Ok` when nothing was found, else all errors as one, in the order of the author's file.
    ///
    /// # Errors
    /// Everything that was added.
    pub(crate) fn finish(mut self) -> syn::Result<()> {
        self.found.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        let mut found = self.found.into_iter();
        let Some(mut first) = found.next() else { return Ok(()) };
        first.extend(found);
        Err(first)
    }
}

/// The names in a list for a message: `` `a`, `b` or `c` ``.
pub(crate) fn alternatives<T: Display>(names: &[T]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|name| format!("`{name}`")).collect();
            format!("{} or `{last}`", first.join(", "))
        }
    }
}
