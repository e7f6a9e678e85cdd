//! The texts of the help in both languages, and clap's complaints in Chinese.

use std::error::Error as _;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use zhengming::Lang;

use crate::args::{BadValue, Cli};

/// Command or argument, its help in Chinese, and in English. An argument that means something else in one command
/// stands there as `command.argument`.
const TEXTS: &[(&str, &str, &str)] = &[
    (
        "zhengming",
        "校对政府公文：找出写错的规范表述，给出正确写法和依据，并可写回文件",
        "Proofreads government drafts: finds wrong official wording, says what is right and where that is laid down, and can write it back",
    ),
    (
        "check",
        "检查文件和文件夹；不给路径时检查当前文件夹",
        "Check files and folders; without a path, the current folder",
    ),
    (
        "fix",
        "改正文件；默认只做有把握的改动",
        "Correct files; only safe changes unless told otherwise",
    ),
    (
        "annotate",
        "把检查结果写进 docx 的副本，作为修订和批注，供在 Word 或 WPS 中审阅",
        "Write what is found into a copy of a docx, as tracked changes and comments for an editor in Word or WPS",
    ),
    (
        "decisions",
        "读回编辑对修订和批注的处理：接受、拒绝、另作修改、未处理；有未处理的时退出码为 1",
        "Read back what an editor made of them: accepted, rejected, changed otherwise, open; exit with 1 when some are open",
    ),
    (
        "draft",
        "文稿；- 表示标准输入",
        "The draft; - is standard input",
    ),
    (
        "output",
        "输出文件（默认 NAME.annotated.docx，不覆盖已有文件）；- 表示标准输出",
        "Output file (default NAME.annotated.docx, never replaced); - is standard output",
    ),
    (
        "mode",
        "标注方式：tracked（默认，能改的作修订，其余作批注）、comments（只作批注）、both（修订并附批注）",
        "Marks: tracked (default; changes, and comments for the rest), comments (only), both (a comment on each change too)",
    ),
    (
        "author",
        "修订和批注的作者（默认 正名）",
        "Author of the changes and comments (default 正名)",
    ),
    (
        "time",
        "修订和批注的时间，如 2026-11-24T10:00:00Z（默认现在）",
        "Time of the changes and comments, such as 2026-11-24T10:00:00Z (default: now)",
    ),
    (
        "file",
        "编辑处理过的 annotate 输出文件",
        "A file of annotate that an editor has worked on",
    ),
    (
        "decisions.format",
        "输出格式：human（默认）、json、allow（zhengming.toml 的 [[allow]] 条目）",
        "Output: human (default), json, allow ([[allow]] entries for zhengming.toml)",
    ),
    (
        "annotate.unsafe_fixes",
        "需要人工确认的改动也作修订，不作批注",
        "Track the changes that need a person's consent too, instead of commenting on them",
    ),
    ("annotate.quiet", "不显示结果", "Do not say what was done"),
    (
        "explain",
        "说明一条规则：规范写法、依据、例句",
        "Explain a rule: the official wording, its source, examples",
    ),
    (
        "lexicon",
        "检查、测试、列出词库",
        "Check, test and list lexicons",
    ),
    (
        "lexicon.check",
        "载入词库，报告其中所有错误和被后来者覆盖的词条",
        "Load lexicons; report every mistake, and what later ones override",
    ),
    (
        "lexicon.test",
        "用每个词条的例句测试词库",
        "Test lexicons with the examples of their entries",
    ),
    ("lexicon.list", "列出所有词条", "List all entries"),
    (
        "paths",
        "文件或文件夹；- 表示标准输入",
        "Files or folders; - is standard input",
    ),
    (
        "files",
        "词库文件或文件夹，作用同 --lexicon",
        "Lexicon files or folders, the same as --lexicon",
    ),
    (
        "rule",
        "规则编号，或其中的错误写法、规范写法",
        "The rule's id, or a wrong or right form in it",
    ),
    (
        "lang",
        "消息的语言：zh（默认）、en",
        "Language of messages: zh (default), en",
    ),
    (
        "color",
        "颜色：auto（默认，仅终端）、always、never",
        "Colours: auto (default, terminals only), always, never",
    ),
    (
        "stdin_filename",
        "标准输入的文件名，用来判断格式、查找配置",
        "What standard input is called: decides its format and configuration",
    ),
    (
        "include",
        "另外检查符合此模式的文件（写法同 .gitignore，可重复）",
        "Also check files that match (as in .gitignore; may be repeated)",
    ),
    (
        "exclude",
        "不检查符合此模式的文件和文件夹（写法同 .gitignore，可重复）",
        "Leave out files and folders that match (as in .gitignore; may be repeated)",
    ),
    (
        "encoding",
        "按此编码读取，如 gb18030；默认自动判断",
        "Read in this encoding, such as gb18030; found out by default",
    ),
    (
        "date",
        "文稿的日期，如 2026-11-24；默认取文稿自己的日期，没有则取今天",
        "The day of the drafts, such as 2026-11-24; by default a draft's own, else today",
    ),
    (
        "with",
        "另外检查：comments（docx 批注）",
        "Also check: comments (of a docx)",
    ),
    (
        "max_file_size",
        "超过此大小的文件不读，并报错（默认 1GiB）",
        "Larger files are not read but reported as errors (default 1GiB)",
    ),
    (
        "jobs",
        "同时处理的文件数（默认等于处理器核数）",
        "How many files at a time (default: the number of cores)",
    ),
    (
        "lexicon_arg",
        "增加词库文件或文件夹（可重复，后者优先）",
        "Add a lexicon file or folder (may be repeated; the later wins)",
    ),
    (
        "no_builtin",
        "不用内置词库",
        "Leave the built-in lexicon out",
    ),
    (
        "config",
        "使用此配置文件，不再查找 zhengming.toml",
        "Use this configuration file; look for no zhengming.toml",
    ),
    (
        "isolated",
        "不使用任何配置文件",
        "Use no configuration file at all",
    ),
    (
        "format",
        "输出格式：human（默认）、json",
        "Output: human (default), json",
    ),
    (
        "output_file",
        "把结果写入文件，不写到标准输出",
        "Write the result to a file, not to standard output",
    ),
    (
        "fail_on",
        "达到此级别时退出码为 1：error（默认）、warning、info、never",
        "Exit with 1 from this severity on: error (default), warning, info, never",
    ),
    (
        "strict",
        "有内容未检查时退出码为 3",
        "Exit with 3 when something was not checked",
    ),
    (
        "quiet",
        "不显示最后的汇总",
        "Do not show the summary at the end",
    ),
    (
        "diff",
        "只显示改动，不写文件；有改动时退出码为 1",
        "Show the changes and write nothing; exit with 1 when there are any",
    ),
    (
        "unsafe_fixes",
        "也做需要人工确认的改动",
        "Also make the changes that need a person's consent",
    ),
    (
        "no_backup",
        "git 工作区以外的 docx 不保留原文件 NAME.orig",
        "Keep no NAME.orig of a docx outside a git work tree",
    ),
    ("help", "显示帮助", "Show this help"),
    ("version", "显示版本", "Show the version"),
];

const AFTER: (&str, &str) = (
    "退出码：0 没有达到 --fail-on 级别的问题；1 有；2 用法、配置、词库或文件出错；3 有内容未检查（--strict）",
    "Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 usage, configuration, lexicon or input error; 3 something was not checked (--strict)",
);

/// Where the arguments that every command has stand in its help.
const LAST: usize = 900;

/// The command line with its help in one language.
pub(crate) fn command(lang: Lang) -> Command {
    let mut root = Cli::command()
        .disable_version_flag(true)
        .arg(
            Arg::new("version")
                .long("version")
                .short('V')
                .action(ArgAction::Version),
        )
        .mut_subcommand("fix", |c| c.mut_arg("paths", |a| a.required(true)));
    root.set_bin_name("zhengming");
    let mut root = localized(root, &mut Vec::new(), lang);
    root.build();
    if lang == Lang::Zh {
        chinese_usage(root)
    } else {
        root
    }
}

fn localized(command: Command, path: &mut Vec<String>, lang: Lang) -> Command {
    let name = path.join(".");
    let about = text(if path.is_empty() { "zhengming" } else { &name }, lang);
    let names = command.get_subcommands().map(|c| c.get_name().to_owned());
    let names: Vec<String> = names.collect();
    let mut command = command
        .about(about)
        .after_help(lang.pick(AFTER.0, AFTER.1))
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg(
            Arg::new("help")
                .long("help")
                .short('h')
                .action(ArgAction::Help),
        )
        .mut_args(|arg| {
            let id = arg.get_id().as_str();
            let own = text(&format!("{name}.{id}"), lang);
            let help = match id {
                "lexicon" => text("lexicon_arg", lang),
                _ if own.is_empty() => text(id, lang),
                _ => own,
            };
            let everywhere = ["lang", "color", "help", "version"].contains(&id);
            let arg = arg.help(help);
            let arg = if everywhere {
                arg.display_order(LAST)
            } else {
                arg
            };
            if arg.get_action().takes_values() {
                arg.hide_default_value(true).hide_possible_values(true)
            } else {
                arg
            }
        });
    let template = template(&command, lang);
    command = command.help_template(template);
    for sub in names {
        path.push(sub.clone());
        command = command.mut_subcommand(&sub, |c| localized(c, path, lang));
        path.pop();
    }
    command
}

/// clap's own headings come in English only.
fn template(command: &Command, lang: Lang) -> String {
    let mut template = format!("{{about}}\n\n{}{{usage}}", lang.pick("用法：", "Usage: "));
    let mut section = |zh, en, tag| {
        template.push_str(&format!("\n\n{}\n{{{tag}}}", lang.pick(zh, en)));
    };
    if command.has_subcommands() {
        section("命令：", "Commands:", "subcommands");
    }
    if command.get_positionals().next().is_some() {
        section("参数：", "Arguments:", "positionals");
    }
    section("选项：", "Options:", "options");
    template + "{after-help}"
}

fn text(key: &str, lang: Lang) -> &'static str {
    let row = TEXTS.iter().find(|row| row.0 == key);
    row.map_or("", |row| lang.pick(row.1, row.2))
}

/// clap writes the placeholders of a usage line in English only.
fn chinese_usage(mut command: Command) -> Command {
    let usage = command.render_usage().to_string();
    let usage = usage
        .trim_start_matches("Usage: ")
        .replace("[OPTIONS]", "[选项]")
        .replace("<COMMAND>", "<命令>");
    let names = command.get_subcommands().map(|c| c.get_name().to_owned());
    let names: Vec<String> = names.collect();
    let mut command = command.override_usage(StyledStr::from(usage));
    for sub in names {
        command = command.mut_subcommand(sub, chinese_usage);
    }
    command
}

/// What is wrong with the command line, in Chinese; `None` for the rare kinds that clap says best itself.
pub(crate) fn complaint(error: &clap::Error) -> Option<String> {
    let get = |kind| error.get(kind).map(joined);
    let arg = get(ContextKind::InvalidArg).unwrap_or_default();
    let value = get(ContextKind::InvalidValue).unwrap_or_default();
    let suggestion = |kind| match get(kind) {
        Some(near) => format!("，是不是 {near}？"),
        None => String::new(),
    };
    Some(match error.kind() {
        ErrorKind::UnknownArgument => {
            format!(
                "不认识的参数 {arg}{}",
                suggestion(ContextKind::SuggestedArg)
            )
        }
        ErrorKind::InvalidSubcommand => format!(
            "没有 {} 这个命令{}",
            get(ContextKind::InvalidSubcommand)?,
            suggestion(ContextKind::SuggestedSubcommand)
        ),
        ErrorKind::InvalidValue if value.is_empty() => format!("{arg} 后面缺少值"),
        ErrorKind::InvalidValue => format!(
            "“{value}”不是 {arg} 可用的值；可用的值：{}",
            get(ContextKind::ValidValue)?
        ),
        ErrorKind::ValueValidation => {
            let source = error.source();
            let why = match source.and_then(|s| s.downcast_ref::<BadValue>()) {
                Some(bad) => bad.zh.clone(),
                None => source.map(ToString::to_string).unwrap_or_default(),
            };
            format!("“{value}”不是 {arg} 可用的值：{why}")
        }
        ErrorKind::MissingRequiredArgument => format!("缺少参数 {arg}"),
        ErrorKind::ArgumentConflict => {
            format!("{arg} 不能与 {} 同用", get(ContextKind::PriorArg)?)
        }
        _ => return None,
    })
}

fn joined(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(list) => list.join("、"),
        ContextValue::StyledStrs(list) => {
            let list: Vec<_> = list.iter().map(ToString::to_string).collect();
            list.join("、")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args;

    fn visit(command: &Command, see: &mut dyn FnMut(&Command)) {
        see(command);
        command.get_subcommands().for_each(|c| visit(c, see));
    }

    #[test]
    fn every_command_and_argument_has_its_text_and_every_text_its_use() {
        for lang in [Lang::Zh, Lang::En] {
            let mut used = Vec::new();
            visit(&command(lang), &mut |c| {
                let about = c.get_about().map(ToString::to_string);
                assert!(about.as_ref().is_some_and(|a| !a.is_empty()), "{c}");
                used.extend(about);
                for arg in c.get_arguments() {
                    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                    assert!(!help.is_empty(), "{c} {arg}");
                    used.push(help);
                }
            });
            for row in TEXTS {
                let text = lang.pick(row.1, row.2);
                assert!(used.iter().any(|u| u == text), "{}", row.0);
            }
        }
    }

    #[test]
    fn complaints_in_chinese() {
        for (line, want) in [
            (
                "check --formt json",
                "不认识的参数 --formt，是不是 --format？",
            ),
            ("chek", "没有 chek 这个命令，是不是 check？"),
            (
                "check --format xml",
                "“xml”不是 --format <FORMAT> 可用的值；可用的值：human、json",
            ),
            ("check --format", "--format <FORMAT> 后面缺少值"),
            (
                "check --max-file-size big",
                "“big”不是 --max-file-size <SIZE> 可用的值：应为正整数加单位，如 10MB、1GiB",
            ),
            ("fix", "缺少参数 <PATH>..."),
            (
                "check --isolated --config a",
                "--isolated 不能与 --config <FILE> 同用",
            ),
        ] {
            let words = format!("zhengming {line}");
            let words: Vec<_> = words.split(' ').map(Into::into).collect();
            let error = args::parse(&words, Lang::Zh).unwrap_err();
            assert_eq!(complaint(&error).as_deref(), Some(want));
        }
    }
}
