//! What the compiler says with `--error-format=json`.

use serde::Deserialize;

/// A diagnostic.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Message {
    message: String,
    code: Option<Code>,
    level: String,
    spans: Vec<Span>,
    children: Vec<Child>,
}

#[derive(Debug, Clone, Deserialize)]
struct Code {
    code: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Child {
    level: String,
    message: String,
}

#[derive(Debug, Clone, Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    column_start: usize,
    is_primary: bool,
    label: Option<String>,
    expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Clone, Deserialize)]
struct Expansion {
    span: Span,
}

/// A place that a diagnostic points to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file as the compiler names it.
    pub(crate) file: String,
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column in characters, from 0.
    pub(crate) column: usize,
}

impl Message {
    /// One line of the compiler's output; `None` for what is no diagnostic.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok()
    }

    /// Whether it is an error about the source, and not the count of errors at the end.
    pub(crate) fn is_error(&self) -> bool {
        self.level.starts_with("error") && !self.message.starts_with("aborting due to")
    }

    /// The places it points to, the most telling first: the primary span, out of every macro that it came through, then
    /// the others.
    pub(crate) fn places(&self) -> Vec<Place> {
        let (primary, others): (Vec<_>, Vec<_>) = self.spans.iter().partition(|span| span.is_primary);
        let mut places = Vec::new();
        for span in primary.into_iter().chain(others) {
            let mut next = Some(span);
            while let Some(span) = next {
                let column = span.column_start.saturating_sub(1);
                places.push(Place { file: span.file_name.clone(), line: span.line_start, column });
                next = span.expansion.as_deref().map(|expansion| &expansion.span);
            }
        }
        places
    }

    /// Whether another diagnostic says the same about the same place of a file with the same name.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.message == other.message && self.places() == other.places()
    }

    /// The diagnostic in words: message, what stands at the primary span, notes and help.
    pub(crate) fn text(&self) -> String {
        let mut text = self.message.clone();
        if let Some(code) = &self.code {
            text.push_str(&format!(" ({})", code.code));
        }
        let label = self.spans.iter().find(|span| span.is_primary).and_then(|span| span.label.as_deref());
        if let Some(label) = label.filter(|label| !self.message.contains(label)) {
            text.push_str(&format!(": {label}"));
        }
        for child in &self.children {
            text.push_str(&format!("\n{}: {}", child.level, child.message));
        }
        text
    }
}
