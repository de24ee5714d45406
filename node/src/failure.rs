//! How a command ends: 0 done, 1 failed, 2 the input was wrong and nothing was changed.

use crate::backup::Closed;
use crate::keys::WrongPassphrase;
use std::io::Write;
use std::process::ExitCode;

/// The input was wrong: a flag, a file, a passphrase. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BadInput(pub String);

/// An error that says the input was wrong.
pub fn bad_input(text: impl Into<String>) -> anyhow::Error {
    BadInput(text.into()).into()
}

/// Prints a line on stdout. A reader that has gone away, as in `weir words | head -1`, is no error.
pub fn say(line: impl std::fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Prints what went wrong on stderr and picks the exit code.
pub fn ended(result: anyhow::Result<()>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("weir: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    if error.is::<BadInput>() || error.is::<Closed>() || error.is::<WrongPassphrase>() {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn wrong_input_is_told_from_failure_even_with_context() {
        assert_eq!(exit_code(&bad_input("no such file")), 2);
        assert_eq!(exit_code(&anyhow::anyhow!("the disk is full")), 1);
        assert_eq!(exit_code(&WrongPassphrase.into()), 2);
        let with_context = Err::<(), _>(bad_input("row 3")).context("reading").unwrap_err();
        assert_eq!(exit_code(&with_context), 2);
    }
}
