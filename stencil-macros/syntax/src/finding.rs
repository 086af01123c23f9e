//! What the build script tells the macro: one finding a line, in a file beside the tables.

/// Something wrong with an op that only compiling it showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The op's name; empty when the finding is about the set.
    pub op: String,
    /// The line in the author's file, from 1; 0 when unknown.
    pub line: usize,
    /// The column, from 0.
    pub column: usize,
    /// What is wrong and what to write instead; may have several lines.
    pub message: String,
}

impl Finding {
    /// The file's text for these findings.
    #[must_use]
    pub fn write_all(findings: &[Self]) -> String {
        let line = |finding: &Self| {
            let message = finding.message.replace('\\', "\\\\").replace('\n', "\\n");
            format!("{}\t{}\t{}\t{message}\n", finding.op, finding.line, finding.column)
        };
        findings.iter().map(line).collect()
    }

    /// The findings of a file's text; lines that are none are left out.
    #[must_use]
    pub fn parse_all(text: &str) -> Vec<Self> {
        let parse = |line: &str| {
            let mut fields = line.splitn(4, '\t');
            Some(Self {
                op: fields.next()?.to_owned(),
                line: fields.next()?.parse().ok()?,
                column: fields.next()?.parse().ok()?,
                message: unescape(fields.next()?),
            })
        };
        text.lines().filter_map(parse).collect()
    }
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_are_read_back() {
        let findings = vec![
            Finding { op: "add".into(), line: 3, column: 8, message: "tab\tand \\n and\nline".into() },
            Finding { op: String::new(), line: 0, column: 0, message: String::new() },
        ];
        assert_eq!(Finding::parse_all(&Finding::write_all(&findings)), findings);
        assert_eq!(Finding::parse_all("junk\nadd\tx\t0\tmessage\n"), []);
    }
}
