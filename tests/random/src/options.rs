//! Options that are numbers, on the command line of a long run.

use thiserror::Error;

/// Why a command line is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OptionError {
    /// An option that there is not.
    #[error("there is no option `{option}`; write {known}")]
    Unknown {
        /// What was written.
        option: String,
        /// What could have been.
        known: String,
    },
    /// No number behind an option.
    #[error("`{option}` is followed by no number; write one, such as `{option} 7`")]
    NoNumber {
        /// The option.
        option: String,
    },
}

/// The numbers of options such as `--count 1000`, for each of `names`, where they are written; the last one counts.
/// `arguments` is the command line without the command.
///
/// # Errors
/// When there is another option, or one without a number.
pub fn options<const N: usize>(
    arguments: impl IntoIterator<Item = String>,
    names: [&str; N],
) -> Result<[Option<u64>; N], OptionError> {
    let mut numbers = [None; N];
    let mut arguments = arguments.into_iter();
    while let Some(option) = arguments.next() {
        let Some(index) = names.iter().position(|name| *name == option) else {
            let known = names.map(|name| format!("`{name} NUMBER`")).join(" or ");
            return Err(OptionError::Unknown { option, known });
        };
        let number = arguments.next().and_then(|text| text.parse().ok());
        numbers[index] = Some(number.ok_or(OptionError::NoNumber { option })?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<[Option<u64>; 2], OptionError> {
        options(line.split_whitespace().map(str::to_owned), ["--count", "--seed"])
    }

    #[test]
    fn numbers_are_those_that_are_written() {
        assert_eq!(parsed(""), Ok([None, None]));
        assert_eq!(parsed("--seed 7"), Ok([None, Some(7)]));
        assert_eq!(parsed("--seed 7 --count 18446744073709551615 --seed 8"), Ok([Some(u64::MAX), Some(8)]));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let said = |line| parsed(line).unwrap_err().to_string();
        assert_eq!(said("--sed 7"), "there is no option `--sed`; write `--count NUMBER` or `--seed NUMBER`");
        assert_eq!(said("7"), "there is no option `7`; write `--count NUMBER` or `--seed NUMBER`");
        for line in ["--count", "--count many", "--count -1"] {
            assert_eq!(said(line), "`--count` is followed by no number; write one, such as `--count 7`");
        }
    }
}
