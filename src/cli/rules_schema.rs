//! `hotline rules schema`: what the files may say, for editors and for people.

use std::io::Write;
use std::process::ExitCode;

/// Prints what the files of rules may say.
#[derive(clap::Args)]
pub struct SchemaArgs {
    /// The reference of every key, in Chinese and English, as Markdown.
    #[arg(long)]
    reference: bool,
}

/// Runs it.
///
/// # Errors
/// What can't be written.
pub fn run(args: &SchemaArgs) -> anyhow::Result<ExitCode> {
    let text = if args.reference { hotline_rules::schema::reference() } else { format!("{:#}\n", hotline_rules::schema::json_schema()) };
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
