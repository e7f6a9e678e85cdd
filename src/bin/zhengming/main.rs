//! The command: arguments, files, exit codes. Nothing here looks for terms.
#![allow(
    clippy::disallowed_methods,
    reason = "files, clock and environment belong to the command, and only to it"
)]

mod annotate;
mod args;
mod baseline;
mod cache;
mod changed;
mod check;
mod explain;
mod files;
mod fix;
mod git;
mod help;
mod init;
mod lexicon;
#[cfg(feature = "lsp")]
mod lsp;
mod outputs;
mod record;
#[cfg(feature = "serve")]
mod serve;
mod settings;
mod units;
mod words;
mod write;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::Result;
use zhengming::Lang;
use zhengming::report::visible;

use crate::args::{Command, RecordCommand};

/// Usage, configuration, lexicon or input errors.
const BROKEN: u8 = 2;

/// How to talk to the person at the terminal.
#[derive(Clone, Copy)]
struct Ui {
    lang: Lang,
    color: clap::ColorChoice,
}

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let lang = args::language(&args);
    match run(&args, lang) {
        Ok(code) => code,
        Err(error) if words::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&words::describe(&error, lang), lang);
            ExitCode::from(BROKEN)
        }
    }
}

fn run(args: &[OsString], lang: Lang) -> Result<ExitCode> {
    #[cfg(feature = "serve")]
    if args.len() <= 1 && serve::was_double_clicked() {
        return serve::run_page(lang);
    }
    let cli = match args::parse(args, lang) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, lang),
    };
    let ui = Ui {
        lang,
        color: cli.color,
    };
    match &cli.command {
        Command::Check(args) => check::run(args, ui),
        Command::Fix(args) => fix::run(args, ui),
        Command::Annotate(args) => annotate::run(args, ui),
        Command::Decisions(args) => annotate::decide(args, ui),
        Command::Explain(args) => explain::run(args, ui),
        Command::Lexicon(command) => lexicon::run(command, ui),
        Command::Baseline(command) => baseline::run(command, ui),
        Command::Record(RecordCommand::Verify(args)) => record::verify(args, ui),
        #[cfg(feature = "lsp")]
        Command::Lsp(args) => lsp::run(args, ui),
        Command::Init => init::run(ui),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::run(args, ui),
        Command::Completions(args) => help::completions(args, ui),
        Command::Man(args) => help::man(args, ui),
    }
}

/// Help and version, which clap gives as errors, and what is wrong with the command line.
fn usage(error: &clap::Error, lang: Lang) -> Result<ExitCode> {
    match help::complaint(error).filter(|_| lang == Lang::Zh) {
        Some(complaint) => {
            complain(&complaint, lang);
            writeln!(io::stderr(), "运行 zhengming --help 查看用法")?;
        }
        None => error.print()?,
    }
    Ok(if error.use_stderr() {
        ExitCode::from(BROKEN)
    } else {
        ExitCode::SUCCESS
    })
}

fn complain(message: &str, lang: Lang) {
    let mut err = io::stderr().lock();
    for line in message.lines() {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(err, "{}{}", lang.pick("错误：", "error: "), visible(line));
    }
}

impl Ui {
    fn color_choice(self, stream: &impl anstream::stream::RawStream) -> anstream::ColorChoice {
        match self.color {
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
            clap::ColorChoice::Auto => anstream::AutoStream::choice(stream),
        }
    }
}
