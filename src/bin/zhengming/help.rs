//! The texts of the help in both languages, and clap's complaints in Chinese.

use std::error::Error as _;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, ArgAction, Command, CommandFactory as _};
use zhengming::Lang;

use crate::Ui;
use crate::args::{BadValue, Cli, CompletionsArgs, ManArgs};

const NAME: &str = "zhengming";

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
        "把检查结果作为修订和批注写进 docx 的副本，供在 Word 或 WPS 中审阅；其他格式写成网页",
        "Write what is found into a copy of a docx, as tracked changes and comments; a page for other formats",
    ),
    (
        "decisions",
        "读回编辑对 annotate 标注的处理：接受、拒绝、另作修改、未处理（有则退出码为 1）",
        "Read back what an editor made of annotate's marks: accepted, rejected, changed, open (exit with 1)",
    ),
    (
        "draft",
        "文稿；- 表示标准输入",
        "The draft; - is standard input",
    ),
    (
        "annotate.output",
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
        "decisions.file",
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
    ("lexicon", "检查和维护词库", "Check lexicons and keep them"),
    (
        "lexicon.check",
        "载入词库，报告其中所有错误和被后来者覆盖的词条",
        "Load lexicons; report every mistake, and what later ones override",
    ),
    (
        "lexicon.test",
        "用每个词条的例句测试词库，并逐个去掉条件，看例句是否能发现",
        "Test lexicons with the examples of their entries, and whether these notice each condition taken away",
    ),
    ("lexicon.list", "列出所有词条", "List all entries"),
    (
        "baseline",
        "登记已知的旧问题，使其不再计入，新问题照样报告",
        "Keep track of known mistakes, so that only new ones count",
    ),
    (
        "baseline.write",
        "检查文件，把现有问题写入新的基线文件 zhengming-baseline.json",
        "Check files and write what is found to a new baseline, zhengming-baseline.json",
    ),
    (
        "baseline.update",
        "检查文件，从基线中删去已不存在的条目，保留其余条目及其理由和期限",
        "Check files and drop entries that fit nothing any more; the others keep reason and date",
    ),
    (
        "baseline.show",
        "列出基线中的条目",
        "List the entries of the baseline",
    ),
    (
        "record",
        "核对审核台账（check --record 所写）",
        "Verify a record of checks, as check --record writes it",
    ),
    (
        "record.verify",
        "核对台账是否完整，公开的文件是否就是检查过的文件",
        "Say whether a record is whole, and whether files are the ones that were checked",
    ),
    #[cfg(feature = "lsp")]
    (
        "lsp",
        "供代码编辑器使用的语言服务器：边写边检查，给出改正和依据",
        "Language server for code editors: checks as you type, with corrections and sources",
    ),
    #[cfg(feature = "lsp")]
    (
        "stdio",
        "经标准输入输出通信（总是如此，编辑器可以写明）",
        "Speak over standard input and output (always so; editors may say it)",
    ),
    (
        "init",
        "在当前文件夹写一份带说明的 zhengming.toml，并显示怎样接入 git 和流水线",
        "Write a commented zhengming.toml into the current folder and show how to hook it into git",
    ),
    (
        "completions",
        "输出命令行补全脚本",
        "Print a completion script for a shell",
    ),
    (
        "man",
        "输出手册页（roff 格式）",
        "Print a manual page (roff)",
    ),
    (
        "lexicon.audit",
        "在没有错误的文稿上统计每条规则每百万字报出多少次",
        "Count what each rule reports, per million characters, in text that is known to be clean",
    ),
    (
        "lexicon.add",
        "在本单位词库中增加一个词条，并立即检查",
        "Put an entry into the office's own lexicon, and check it at once",
    ),
    (
        "lexicon.import",
        "把 CSV 或 xlsx 表格（错误写法、正确写法两列）转为词库文件",
        "Make a lexicon file of a table (CSV or xlsx) with a column of wrong and one of right forms",
    ),
    (
        "lexicon.fmt",
        "统一词库文件的格式和顺序，保留注释",
        "Bring lexicon files into canonical layout and order, comments kept",
    ),
    (
        "lexicon.diff",
        "说明两个词库（文件或文件夹）有什么不同；有不同时退出码为 1",
        "Tell in words how two lexicons (files or folders) differ; exit with 1 when they do",
    ),
    (
        "min_score",
        "条件被例句发现的比例低于此数（百分比）时退出码为 1",
        "Exit with 1 when examples notice fewer of the conditions, in per cent",
    ),
    (
        "verbose",
        "列出去掉后没有例句能发现的条件",
        "List the conditions that no example notices",
    ),
    (
        "top",
        "只列报出最多的 N 条规则",
        "Only the N rules that report most",
    ),
    (
        "context",
        "每条规则列出几处上下文（默认 3）",
        "How many places to show for each rule (default 3)",
    ),
    ("wrong", "错误写法", "The wrong form"),
    (
        "right",
        "正确写法；写多个时只提示、不自动改",
        "The right form; several are only suggested, never applied unasked",
    ),
    (
        "file",
        "词库文件；默认为配置中的第一个词库，没有则为 office.toml",
        "The lexicon file; by default the first of the configuration, or else office.toml",
    ),
    (
        "category",
        "新文件的类别；默认取文件名",
        "Category of a new file; by default the file's name",
    ),
    (
        "source",
        "规范写法的出处",
        "Where the right form is laid down",
    ),
    ("reason", "理由", "Why the form is wrong"),
    (
        "severity",
        "级别：error、warning（默认）、info",
        "Severity: error, warning (default), info",
    ),
    (
        "unless_preceded_by",
        "前面紧接着这些字时不报（可重复）",
        "Not directly behind these words (may be repeated)",
    ),
    (
        "unless_followed_by",
        "后面紧接着这些字时不报（可重复）",
        "Not directly before these words (may be repeated)",
    ),
    (
        "unless_inside",
        "在这些更长的词语中不报（可重复）",
        "Not inside these longer phrases (may be repeated)",
    ),
    (
        "table",
        "表格文件：UTF-8 或 GB18030 的 CSV，或 xlsx",
        "The table: CSV in UTF-8 or GB18030, or xlsx",
    ),
    (
        "output",
        "写入此文件，- 表示标准输出；默认为表格的文件名加 .toml",
        "Write this file, - is standard output; by default the table's name with .toml",
    ),
    (
        "lexicons",
        "词库文件或文件夹；默认为配置中的词库",
        "Lexicon files or folders; by default those of the configuration",
    ),
    (
        "check_only",
        "不改动文件；有需要整理的文件时退出码为 1",
        "Write nothing; exit with 1 when a file is not in canonical layout",
    ),
    ("old", "原词库", "The old lexicon"),
    ("new", "新词库", "The new lexicon"),
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
        "files_from",
        "从文件读取路径列表，每行一个；- 表示从标准输入读取",
        "Read the paths from a file, one a line; - is standard input",
    ),
    (
        "null",
        "--files-from 的路径以空字符（NUL）分隔",
        "The paths of --files-from end with a NUL",
    ),
    (
        "force_exclude",
        "直接给出的路径也受排除规则约束（供钩子使用）",
        "Leave out what is excluded even if it is named (for hooks)",
    ),
    (
        "staged",
        "检查 git 暂存区中的内容，即将要提交的内容",
        "Check what is staged in git, as it would be committed",
    ),
    (
        "changed_since",
        "只检查与此版本分叉以来有改动的文件，含未提交和未跟踪的文件",
        "Check only files that changed since the work left this revision, uncommitted and untracked ones too",
    ),
    (
        "changed_lines",
        "只报告有改动的行（docx 仍报告全文）；与 --staged 或 --changed-since 同用",
        "Report only lines that changed (all of a docx); with --staged or --changed-since",
    ),
    (
        "baseline_arg",
        "使用此基线文件，不用配置文件旁边的 zhengming-baseline.json",
        "Use this baseline, not the zhengming-baseline.json beside the configuration",
    ),
    ("no_baseline", "不使用基线", "Use no baseline"),
    (
        "add",
        "把新发现的问题也加入基线",
        "Also add what is new to the baseline",
    ),
    ("term_reason", "新条目的理由", "Why new entries may stand"),
    (
        "until",
        "新条目的最后期限，如 2027-01-31，过后重新计入",
        "The last day for new entries, such as 2027-01-31; then they count again",
    ),
    (
        "record_arg",
        "把检查结果追加到审核台账，每个文件一行 JSON，并显示链头",
        "Append the result to a record of checks, a line of JSON for each document, and show its head",
    ),
    (
        "reviewer",
        "台账中记录的审核人",
        "Who checks, for the record",
    ),
    (
        "cache",
        "沿用上次运行的结果（内容、词库、配置都未变的文件）",
        "Reuse results for files whose content, lexicon and configuration are the same",
    ),
    ("no_cache", "不沿用上次运行的结果", "Reuse no results"),
    ("record_file", "台账文件", "The record"),
    (
        "published",
        "公开的文件或文件夹：逐个核对是否检查过",
        "Published files or folders: each is looked for in the record",
    ),
    (
        "expect_head",
        "另行保存的链头：台账必须含有它",
        "A head that was kept elsewhere: the record must hold it",
    ),
    (
        "shell",
        "命令行外壳：bash、zsh、fish、powershell、elvish",
        "The shell: bash, zsh, fish, powershell, elvish",
    ),
    (
        "page",
        "哪个命令的手册页，如 lexicon list；默认为总页",
        "The command that the page is about, such as lexicon list; all of it by default",
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
        "output_format",
        "输出格式：human（默认）、json、jsonl、sarif、github、gitlab、checkstyle、junit、rdjson、unix、csv、html、notice（检查通报）、notice-html",
        "Output: human (default), json, jsonl, sarif, github, gitlab, checkstyle, junit, rdjson, unix, csv, html, notice (inspection notice), notice-html",
    ),
    (
        "output_file",
        "另把结果写入文件（可重复）；格式写在前面，如 csv=清单.csv，否则看扩展名：.sarif、.json、.jsonl、.csv、.html、.xml（junit）、.md（notice）、.txt（human）",
        "Also write the result to a file (may be repeated); the format stands before it, such as csv=list.csv, or is told by its ending: .sarif, .json, .jsonl, .csv, .html, .xml (junit), .md (notice), .txt (human)",
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
    #[cfg(feature = "serve")]
    (
        "serve",
        "在本机打开网页并提供 HTTP 接口：粘贴文字或拖入文件即可检查、改正、下载",
        "Serve a page for the browser and an HTTP API: paste text or drop files, check, correct and download them",
    ),
    #[cfg(feature = "serve")]
    (
        "addr",
        "监听的地址和端口（默认 127.0.0.1:8787，只有本机能访问；端口 0 由系统选择）",
        "Address and port to listen at (default 127.0.0.1:8787, for this machine only; port 0 takes a free one)",
    ),
    #[cfg(feature = "serve")]
    ("open", "在浏览器中打开网页", "Open the page in the browser"),
    #[cfg(feature = "serve")]
    (
        "token",
        "口令：请求须带 Authorization: Bearer 口令；也可用环境变量 ZHENGMING_TOKEN 给出",
        "Requests must carry Authorization: Bearer TOKEN; the environment variable ZHENGMING_TOKEN gives it too",
    ),
    #[cfg(feature = "serve")]
    (
        "max_body",
        "一次请求的最大长度（默认 64MiB）",
        "Most bytes of one request (default 64MiB)",
    ),
    #[cfg(feature = "serve")]
    (
        "max_requests",
        "同时处理和等待处理的请求数，超出的立即答 503（默认 256）",
        "Requests that are worked on or wait for it; more are told 503 at once (default 256)",
    ),
    #[cfg(feature = "serve")]
    (
        "timeout",
        "内容传送、等待处理和等对方接收的时限，以秒计（默认 60）",
        "Seconds that a body may take to arrive, a request may wait, and a client may not read (default 60)",
    ),
    #[cfg(feature = "serve")]
    (
        "quiet_log",
        "不为每个请求写一行日志",
        "Write no line for each request",
    ),
    ("help", "显示帮助", "Show this help"),
    ("version", "显示版本", "Show the version"),
];

const AFTER: (&str, &str) = (
    "退出码：0 没有达到 --fail-on 级别的问题；1 有；2 用法、配置、词库或文件出错；3 有内容未检查（--strict）",
    "Exit codes: 0 nothing at or above --fail-on; 1 something is; 2 usage, configuration, lexicon or input error; 3 something was not checked (--strict)",
);

/// What stands below the help of a command in the place of [`AFTER`].
const AFTER_OF: &[(&str, &str, &str)] = &[
    (
        "record.verify",
        "台账每行都含上一行的哈希，改动、插入或删去中间任何一行都会被发现。\n\
     但有权写台账的人可以从某一行起全部重写，或从末尾截去若干行，只看台账本身看不出来；\n\
     只有把链头另存他处（如登记簿、邮件、另一台机器）并用 --expect-head 核对，才能排除。\n\
     台账记录的时间和审核人由运行检查的机器和人给出，台账不能证明其真实。\n\n\
     退出码：0 台账完整且文件都检查过；1 不是；2 用法或文件出错",
        "Each line holds the hash of the line before, so a line that was changed, put in or taken out is found.\n\
     But whoever may write the record can write it anew from some line on, or cut off its end, and the record alone\n\
     will not show it: only a head that is kept elsewhere and given with --expect-head rules that out.\n\
     Time and reviewer are what the machine and the person said; the record does not prove them.\n\n\
     Exit codes: 0 the record is whole and holds all files; 1 not so; 2 usage or input error",
    ),
    #[cfg(feature = "serve")]
    (
        "serve",
        "文稿只在内存中处理，不写入磁盘；标准错误上每个请求一行日志，只含数量、时间和哈希。\n\
         词库和配置文件改动后几秒内重新载入；有错时仍用原来的，并在标准错误和 /healthz 中说明。\n\
         默认只接受本机的请求，其他网站的网页不能调用。要让其他机器使用，须设口令；口令和文稿以明文传送，\n\
         应在前面放一个做 TLS 的反向代理（如 nginx），正名仍监听 127.0.0.1。\n\
         在文件管理器中双击程序（没有参数，也不是由脚本启动）等于 serve --open。\n\
         按 Ctrl+C 或收到 SIGTERM 后，处理完已收到的请求再退出。\n\n\
         退出码：0 正常停止；2 用法、配置、词库有错，或地址不能用",
        "Drafts stay in memory and are never written to disk; standard error gets a line for each request with counts,\n\
         time and a hash, and nothing else of a draft.\n\
         Lexicon and configuration are loaded anew seconds after their files change; broken ones are refused, with a word\n\
         on standard error and in /healthz, and the old ones stay in use.\n\
         Only this machine is served, and no page of another site may call. Other machines need a token; token and drafts\n\
         travel in clear text, so put a proxy that does TLS, such as nginx, in front, and leave zhengming at 127.0.0.1.\n\
         A double click on the program in a file manager (no arguments, not started by a script) is serve --open.\n\
         Ctrl+C or SIGTERM ends it once the requests that it has are answered.\n\n\
         Exit codes: 0 stopped; 2 usage, configuration or lexicon error, or an address that cannot be used",
    ),
    #[cfg(feature = "lsp")]
    (
        "lsp",
        "编辑器的设置（initializationOptions，或 zhengming 一节）：lang、date、lexicons。\n\n\
         退出码：0 按协议先 shutdown 后 exit；1 不是；2 用法、配置或词库出错",
        "Settings of the editor (initializationOptions, or the section zhengming): lang, date, lexicons.\n\n\
         Exit codes: 0 shutdown and exit, as the protocol has it; 1 not so; 2 usage, configuration or lexicon error",
    ),
];

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
        .mut_subcommand("fix", |c| {
            c.mut_arg("paths", |a| a.required_unless_present("files_from"))
        })
        .mut_subcommand("lexicon", |c| {
            c.mut_subcommand("audit", |c| c.mut_arg("paths", |a| a.required(true)))
        });
    root.set_bin_name(NAME);
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
        .after_help(after(&name, lang))
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
            let key = match id {
                "lexicon" => "lexicon_arg",
                "baseline" => "baseline_arg",
                "record" => "record_arg",
                "check" => "check_only",
                _ => id,
            };
            let own = text(&format!("{name}.{id}"), lang);
            let help = if own.is_empty() { text(key, lang) } else { own };
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

fn after(command: &str, lang: Lang) -> &'static str {
    let own = AFTER_OF.iter().find(|row| row.0 == command);
    own.map_or(lang.pick(AFTER.0, AFTER.1), |row| lang.pick(row.1, row.2))
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

/// Prints a completion script.
pub(crate) fn completions(args: &CompletionsArgs, ui: Ui) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(ui.lang), NAME, &mut script);
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a manual page: of the whole command, or of one of its commands.
pub(crate) fn man(args: &ManArgs, ui: Ui) -> Result<ExitCode> {
    let mut page = command(ui.lang);
    for name in &args.page {
        let found = page.find_subcommand(name).cloned();
        page = found.ok_or_else(|| match ui.lang {
            Lang::Zh => anyhow!("没有 {} 这个命令", args.page.join(" ")),
            Lang::En => anyhow!("there is no command {}", args.page.join(" ")),
        })?;
    }
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text)?;
    let mut out = io::stdout().lock();
    out.write_all(&text)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
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
                "“xml”不是 --format <FORMAT> 可用的值；可用的值：human、json、jsonl、sarif、github、gitlab、checkstyle、junit、rdjson、unix、csv、html、notice、notice-html",
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
