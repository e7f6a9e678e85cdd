//! Bad input: each kind has its message and its exit code, and never keeps the other files from being checked.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::support::{Folder, Run, docx, package, paragraph, run_command, zip};

const LEXICON: &str =
    "category = \"t\"\n[[entry]]\ncanonical = \"习近平总书记\"\nforbidden = [\"习总书记\"]\n";
const WITH_LEXICON: &str = "--no-builtin --isolated --lexicon l.toml";

/// A folder with the lexicon and these files.
fn folder(files: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::with(files);
    folder.write("l.toml", LEXICON.as_bytes());
    folder
}

fn check(folder: &Folder, words: &str) -> Run {
    folder.run(&format!("check {WITH_LEXICON} {words}"))
}

fn fix(folder: &Folder, words: &str) -> Run {
    folder.run(&format!("fix {WITH_LEXICON} {words}"))
}

/// What is not read: its bytes, its name, and what the message says in Chinese and in English.
fn unreadable() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let sound = docx(&paragraph("学习习总书记讲话"), &[]);
    let half = sound[..sound.len() / 2].to_vec();
    let types_only = zip(&[("a.txt", b"1")]);
    let main = |xml: &str| package(xml, &[]);
    let word = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
    let long = format!(
        "<w:document {word}><w:body>{}</w:body></w:document>",
        " ".repeat(4 << 20)
    );
    let deep = format!("<w:document {word}>{}", "<w:p>".repeat(10_000));
    let many: Vec<_> = (0..10_001).map(|n| format!("word/{n}.xml")).collect();
    let many: Vec<_> = many.iter().map(|n| (n.as_str(), &b""[..])).collect();
    let mut damaged = sound.clone();
    let name = "word/document.xml";
    let data = position(&damaged, name.as_bytes()) + name.len();
    for byte in &mut damaged[data + 10..data + 14] {
        *byte ^= 0xFF;
    }
    let utf32: Vec<u8> = "\u{FEFF}通知"
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let utf8 = |bad: &[u8]| {
        [
            "第一行。\n第二行".as_bytes(),
            bad,
            "，第二行的后半。\n第三行。\n".as_bytes(),
        ]
        .concat()
    };
    vec![
        ("截断.docx", half, "不完整或已损坏", "cut off or damaged"),
        ("加密.docx", encrypted(), "已加密", "encrypted"),
        (
            "炸弹.docx",
            main(&long),
            "疑为压缩炸弹",
            "may be a zip bomb",
        ),
        ("条目.docx", zip(&many), "不安全", "unsafe"),
        ("校验.docx", damaged, "损坏", "damaged"),
        (
            "声明.docx",
            main(&format!(
                "<!DOCTYPE w:document [<!ENTITY a \"甲\">]><w:document {word}/>"
            )),
            "DTD",
            "DTD",
        ),
        (
            "未闭合.docx",
            main(&format!("<w:document {word}><w:body><w:p>")),
            "word/document.xml",
            "word/document.xml",
        ),
        (
            "太深.docx",
            main(&deep),
            "word/document.xml",
            "word/document.xml",
        ),
        ("压缩包.docx", types_only, "普通 ZIP 压缩包", "a plain zip"),
        ("不是.docx", b"abc".to_vec(), "不完整或已损坏", "no docx"),
        (
            "~$通知.docx",
            [&[6][..], "张三".as_bytes(), &[0; 155]].concat(),
            "不是 docx",
            "no docx",
        ),
        (
            "坏字节.txt",
            utf8(b"\xFF"),
            "第2行（字节偏移 22）的字节 0xFF 不是有效的 UTF-8",
            "byte 0xFF in line 2 (offset 22) is not valid UTF-8",
        ),
        ("坏字节.md", utf8(b"\xE4\xB9"), "第2行", "line 2"),
        (
            "坏字节.html",
            [b"<meta charset=gbk>", &b"\xD1\xA7\xCF\xB0\xFF\xD1\xA7"[..]].concat(),
            "不是有效的 GBK",
            "not valid GBK",
        ),
        ("u32.txt", utf32, "不支持 UTF-32", "UTF-32 is not read"),
        (
            "图.txt",
            b"\x89PNG\r\n\x1A\n\0\0\0\x0D".to_vec(),
            "不是文本",
            "not a text",
        ),
        ("a.rtf", b"{\\rtf1".to_vec(), "另存为 docx", "as docx"),
        ("没有.txt", Vec::new(), "不存在", "does not exist"),
        ("没有/这里.txt", Vec::new(), "不存在", "does not exist"),
    ]
}

/// The beginning of a compound file with the stream that an encrypted package stands in.
fn encrypted() -> Vec<u8> {
    let mut bytes = vec![0; 2048];
    bytes[..8].copy_from_slice(&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    let name = "EncryptedPackage";
    for (n, unit) in name.encode_utf16().enumerate() {
        bytes[1024 + 2 * n..1024 + 2 * n + 2].copy_from_slice(&unit.to_le_bytes());
    }
    bytes[1024 + 64] = 2 * 17;
    bytes[1024 + 66] = 2;
    bytes
}

fn position(bytes: &[u8], needle: &[u8]) -> usize {
    bytes
        .windows(needle.len())
        .position(|w| w == needle)
        .unwrap()
}

#[test]
fn what_cannot_be_read_is_named_with_what_to_do() {
    for (name, bytes, zh, en) in unreadable() {
        let folder = folder(&[]);
        if !name.starts_with("没有") {
            folder.write(name, &bytes);
        }
        for (lang, want) in [("zh", zh), ("en", en)] {
            for command in ["check", "fix", "fix --diff"] {
                let run = folder.run(&format!("{command} {WITH_LEXICON} --lang {lang} {name}"));
                assert_eq!(run.code, Some(2), "{name}: {run:?}");
                let said = run.said();
                assert!(said.contains(want) && said.contains(name), "{name}: {said}");
            }
        }
        if !name.starts_with("没有") {
            assert_eq!(folder.read(name), bytes, "{name}");
            assert_eq!(folder.names().len(), 2, "{name}: {:?}", folder.names());
        }
    }
}

#[test]
fn an_unreadable_file_does_not_stop_the_others() {
    let folder = folder(&[]);
    let mut names = Vec::new();
    for (name, bytes, ..) in unreadable() {
        if !name.starts_with("没有") && !name.starts_with("~$") && !name.ends_with(".rtf") {
            folder.write(&format!("稿/{name}"), &bytes);
            names.push(name);
        }
    }
    folder.write("稿/好.txt", "学习习总书记讲话".as_bytes());
    folder.write("稿/a.rtf", b"{\\rtf1");
    folder.write("稿/~$好.docx", b"\x06");
    let run = check(&folder, "--format json 稿");
    assert_eq!(run.code, Some(2));
    let json = run.json();
    let documents = json["documents"].as_array().unwrap();
    let of = |name: &str| {
        let path = format!("稿/{name}");
        let found = documents.iter().find(|d| d["path"] == path.as_str());
        found.unwrap_or_else(|| panic!("{name} is missing"))
    };
    for name in &names {
        assert!(of(name)["error"].is_string(), "{name}");
        assert!(of(name)["kind"].is_null(), "{name}");
    }
    assert_eq!(of("好.txt")["diagnostics"].as_array().unwrap().len(), 1);
    assert_eq!(of("a.rtf")["notices"][0]["code"], "unsupported-format");
    assert_eq!(documents.len(), names.len() + 2, "the lock file is skipped");
    assert_eq!(json["skipped"], names.len() + 1);

    let run = fix(&folder, "稿");
    assert_eq!(run.code, Some(2));
    assert_eq!(folder.read("稿/好.txt"), "学习习近平总书记讲话".as_bytes());
}

#[test]
fn empty_files_are_fine() {
    let names = ["a.txt", "a.md", "a.html", "a.docx"];
    let files: Vec<_> = names.iter().map(|n| (*n, &b""[..])).collect();
    let folder = folder(&files);
    for command in [check, fix] {
        let run = command(&folder, &names.join(" "));
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    assert!(names.iter().all(|n| folder.read(n).is_empty()));
    assert_eq!(check(&folder, "- --stdin-filename a.docx").code, Some(0));
}

#[test]
fn the_form_at_the_bottom_of_deep_nesting_is_found() {
    let deep = |tag: &str| format!("<{tag}>").repeat(100_000) + "习总书记";
    let folder = folder(&[
        ("div.html", deep("div").as_bytes()),
        ("b.html", deep("b").as_bytes()),
        (
            "a.md",
            format!("{}习总书记", ">".repeat(100_000)).as_bytes(),
        ),
    ]);
    let start = Instant::now();
    let run = check(&folder, "--format json div.html b.html a.md");
    assert!(start.elapsed() < Duration::from_secs(30));
    assert_eq!(run.code, Some(1));
    let json = run.json();
    for document in json["documents"].as_array().unwrap() {
        assert_eq!(document["diagnostics"][0]["found"], "习总书记");
    }
    assert_eq!(json["summary"]["errors"], 3);
}

/// 200 MB in a release build; without optimisation that would only test the patience of whoever waits.
#[test]
fn a_very_large_text_is_read() {
    let (megabytes, seconds) = if cfg!(debug_assertions) {
        (20, 120)
    } else {
        (200, 10)
    };
    let folder = folder(&[]);
    let line = "　　各乡镇人民政府、县直各单位要认真组织实施，确保各项工作落实到位。\n";
    let megabyte = line.repeat((1 << 20) / line.len() + 1);
    let file = fs::File::create(folder.path("大.txt")).unwrap();
    let mut out = std::io::BufWriter::new(file);
    for _ in 0..megabytes {
        out.write_all(megabyte.as_bytes()).unwrap();
    }
    out.write_all("学习习总书记讲话\n".as_bytes()).unwrap();
    out.into_inner().unwrap();
    let start = Instant::now();
    let run = check(&folder, "--format json 大.txt");
    assert!(
        start.elapsed() < Duration::from_secs(seconds),
        "{:?}",
        start.elapsed()
    );
    assert_eq!(run.code, Some(1), "{run:?}");
    let json = run.json();
    let diagnostic = &json["documents"][0]["diagnostics"][0];
    let offset = megabytes * megabyte.len() + "学习".len();
    assert_eq!(diagnostic["spans"][0]["start"]["offset"], offset);

    let run = check(&folder, "--max-file-size 10MB --lang en 大.txt");
    assert_eq!(run.code, Some(2));
    assert!(run.said().contains("larger than"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn what_nobody_may_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[
        ("开/好.txt", "学习习总书记讲话".as_bytes()),
        ("锁/内.txt", b""),
        ("锁.txt", b""),
    ]);
    let mode = |name: &str, mode| {
        fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    mode("锁", 0);
    mode("锁.txt", 0);
    let mut command = folder.command();
    if fs::read_dir(folder.path("锁")).is_ok() {
        // Nothing is denied to root, so that the command must be somebody else, who may read it and this folder.
        fs::copy(command.get_program(), folder.path("zhengming")).unwrap();
        mode("zhengming", 0o755);
        mode(".", 0o755);
        command = folder.command_at(&folder.path("zhengming"));
        std::os::unix::process::CommandExt::uid(&mut command, 65534);
    }
    let args = WITH_LEXICON.split(' ');
    let run = run_command(command.arg("check").args(args).arg("."), b"");
    mode("锁", 0o755);
    assert_eq!(run.code, Some(2), "{run:?}");
    let said = run.text();
    assert!(said.contains("错误：锁：没有权限"), "{said}");
    assert!(said.contains("错误：锁.txt：没有权限"), "{said}");
    assert!(said.contains("开/好.txt 第1行"), "{said}");
}

#[cfg(unix)]
#[test]
fn a_file_that_goes_before_it_is_read_is_named() {
    let folder = folder(&[("好.txt", "学习习总书记讲话".as_bytes())]);
    std::os::unix::fs::symlink("没有.txt", folder.path("断.txt")).unwrap();
    std::os::unix::fs::symlink("没有.png", folder.path("断.png")).unwrap();
    let run = check(&folder, ".");
    assert_eq!(run.code, Some(2));
    assert!(run.text().contains("错误：断.txt：不存在"), "{run:?}");
    assert!(!run.text().contains("断.png"), "{run:?}");
    assert!(run.text().contains("好.txt 第1行"), "{run:?}");
}

/// The temporary file is written and synced before the original is looked at again: whoever changes the original as soon
/// as it appears is in time, so that one of a few attempts shows what happens.
#[test]
fn a_file_that_changes_while_it_is_fixed_is_left_alone() {
    let text = "各单位要认真组织实施。\n".repeat(100_000) + "学习习总书记讲话\n";
    let changed = format!("{text}新的一行\n");
    for _ in 0..20 {
        let folder = folder(&[("a.txt", text.as_bytes())]);
        let args = WITH_LEXICON.split(' ');
        let mut child = folder
            .command()
            .arg("fix")
            .args(args)
            .arg("a.txt")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        while folder.names().len() < 3 && child.try_wait().unwrap().is_none() {}
        let mut file = fs::OpenOptions::new()
            .append(true)
            .open(folder.path("a.txt"))
            .unwrap();
        file.write_all("新的一行\n".as_bytes()).unwrap();
        drop(file);
        let run = Run::new(child.wait_with_output().unwrap());
        if run.code == Some(0) {
            continue; // too late: the original had been looked at
        }
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.said().contains("被改动，未写入"), "{run:?}");
        assert!(folder.read("a.txt") == changed.as_bytes());
        assert_eq!(folder.names(), ["a.txt", "l.toml"]);
        return;
    }
    panic!("the change always came too late");
}

#[cfg(unix)]
#[test]
fn a_read_only_file_is_not_written() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("a.txt", "学习习总书记讲话".as_bytes())]);
    let path = folder.path("a.txt");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let run = fix(&folder, "a.txt");
    assert_eq!(run.code, Some(2));
    assert!(run.text().contains("错误：a.txt：文件是只读的"), "{run:?}");
    assert_eq!(folder.read("a.txt"), "学习习总书记讲话".as_bytes());
    assert_eq!(folder.names(), ["a.txt", "l.toml"]);
    // A preview writes nothing and so is allowed.
    assert_eq!(fix(&folder, "--diff a.txt").code, Some(1));
}

#[cfg(unix)]
#[test]
fn mode_and_links_survive_a_fix() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = folder(&[("真/a.txt", "学习习总书记讲话".as_bytes())]);
    fs::set_permissions(folder.path("真/a.txt"), fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::symlink("真/a.txt", folder.path("链.txt")).unwrap();
    assert_eq!(fix(&folder, "链.txt").code, Some(0));
    assert!(folder.path("链.txt").is_symlink());
    assert_eq!(folder.read("真/a.txt"), "学习习近平总书记讲话".as_bytes());
    let mode = fs::metadata(folder.path("真/a.txt")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o7777, 0o640);
}

#[test]
fn ten_mistakes_give_ten_messages() {
    let lexicon = r#"category = "t"
colour = "red"
[[entry]]
forbidden = ["甲乙"]
[[entry]]
canonical = "丙丁"
forbidden = ["丙丁"]
[[entry]]
canonical = "戊己庚"
forbidden = ["戊"]
severity = "fatal"
[[entry]]
canonical = "辛壬癸"
forbidden = ["辛壬"]
unless_followed_by = [""]
[[entry]]
canonical = ["子丑寅", "子丑卯"]
forbidden = ["子丑"]
fix = "safe"
[[entry]]
canonical = "辰巳午"
forbidden = ["辰巳"]
valid_from = "昨天"
[pairs]
"辛壬" = "辛癸"
"未申" = "酉戌"
"酉戌" = "未申"
"#;
    let folder = Folder::with(&[("坏.toml", lexicon.as_bytes()), ("a.txt", b"")]);
    for words in [
        "check --no-builtin --lexicon 坏.toml a.txt",
        "fix --no-builtin --lexicon 坏.toml a.txt",
        "lexicon check --no-builtin 坏.toml",
    ] {
        let run = folder.run(words);
        assert_eq!(run.code, Some(2), "{words}: {run:?}");
        assert!(run.stdout.is_empty(), "{words}: {run:?}");
        let lines: Vec<_> = run.stderr.lines().collect();
        let placed = |l: &&str| l.starts_with("错误：坏.toml:");
        assert!(lines.iter().all(placed), "{words}: {lines:#?}");
        assert!(lines.len() >= 10, "{words}: {lines:#?}");
    }
}

#[test]
fn a_misspelt_key_of_a_configuration_names_the_right_one() {
    let folder = Folder::with(&[
        (
            "zhengming.toml",
            "# 配置\nlexicon = []\nfailon = \"error\"\n".as_bytes(),
        ),
        ("a.txt", b""),
    ]);
    let run = folder.run("check a.txt --lang en");
    assert_eq!(run.code, Some(2));
    for want in [
        "zhengming.toml:2:1: unknown key “lexicon”; did you mean “lexicons”?",
        "zhengming.toml:3:1: unknown key “failon”; did you mean “fail_on”?",
    ] {
        assert!(run.stderr.contains(want), "{run:?}");
    }
    let run = folder.run("check --isolated a.txt");
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn usage_errors_are_2() {
    let folder = folder(&[("a.txt", b"")]);
    for words in [
        "",
        "chekc",
        "check --bogus",
        "check --fail-on fatal a.txt",
        "check --encoding klingon a.txt",
        "check --lexicon 没有.toml a.txt",
        "check --lexicon 目录 a.txt",
        "check --config 没有.toml a.txt",
        "check --no-builtin a.txt",
        "check --stdin-filename x a.txt",
        "check --output-file 没有/a a.txt",
        "fix",
        "fix - a.txt",
        "explain",
        "explain 没有这条规则",
        "lexicon",
    ] {
        let _ = fs::create_dir(folder.path("目录"));
        let run = folder.run(words);
        assert_eq!(run.code, Some(2), "{words}: {run:?}");
        assert!(!run.stderr.is_empty(), "{words}");
    }
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let folder = folder(&[("a.txt", "学习习总书记讲话。\n".repeat(5_000).as_bytes())]);
    for format in ["human", "json"] {
        let mut child = folder
            .command()
            .arg("check")
            .args(WITH_LEXICON.split(' '))
            .args(["--format", format, "a.txt"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut first).unwrap();
        drop(out);
        assert!(!first.is_empty());
        let run = Run::new(child.wait_with_output().unwrap());
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{format}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let folder = folder(&[("a.txt", "学习习总书记讲话".as_bytes())]);
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = folder.command();
    command
        .arg("check")
        .args(WITH_LEXICON.split(' '))
        .arg("a.txt");
    let output = command
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let run = Run::new(output);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("磁盘已满"), "{run:?}");
}

#[test]
fn what_is_signed_or_protected_is_not_written() {
    let body = paragraph("学习习总书记讲话");
    let protection = "<w:documentProtection w:edit=\"readOnly\" w:enforcement=\"1\"/>";
    let cases = [
        (docx(&body, &[("settings", protection)]), "限制编辑"),
        (
            docx(&body, &[("_xmlsignatures/sig1.xml", "<Signature/>")]),
            "数字签名",
        ),
    ];
    for (bytes, want) in cases {
        let folder = folder(&[("a.docx", &bytes)]);
        assert_eq!(check(&folder, "a.docx").code, Some(1), "it is checked");
        for words in ["a.docx", "--diff a.docx"] {
            let run = fix(&folder, words);
            assert_eq!(run.code, Some(2), "{want}: {run:?}");
            assert!(run.said().contains(want), "{want}: {run:?}");
            assert!(folder.read("a.docx") == bytes, "{want}");
            assert_eq!(folder.names(), ["a.docx", "l.toml"]);
        }
        let run = folder.run_with(&["fix", "--no-builtin", "--lexicon", "l.toml", "-"], &bytes);
        assert_eq!(run.code, Some(2));
        assert!(run.stdout.is_empty(), "{want}");
    }
    // Without a mistake there is nothing to refuse.
    let clean = docx(&paragraph("学习"), &[("settings", protection)]);
    let folder = folder(&[("a.docx", &clean)]);
    assert_eq!(fix(&folder, "a.docx").code, Some(0));
}

#[test]
fn what_an_encoding_cannot_hold_is_not_written() {
    let lexicon = "category = \"t\"\n[[entry]]\ncanonical = \"学习𠮷强\"\nforbidden = [\"学习吉强\"]\n\
        [[entry]]\ncanonical = \"习育\"\nforbidden = [\"本育\"]\n\
        [[entry]]\ncanonical = \"教育局\"\nforbidden = [\"校育局\"]\n";
    let cases = [
        (
            "gbk",
            encoding_rs::GBK,
            "学习吉强，校育局",
            "学习吉强，教育局",
        ),
        ("big5", encoding_rs::BIG5, "本育，校育局", "本育，教育局"),
    ];
    for (label, encoding, before, after) in cases {
        let bytes = encoding.encode(before).0;
        let folder = Folder::with(&[("l.toml", lexicon.as_bytes()), ("a.txt", &bytes)]);
        let run = folder.run(&format!(
            "fix {WITH_LEXICON} --encoding {label} --format json a.txt"
        ));
        assert_eq!(run.code, Some(1), "{label}: {run:?}");
        let repair = &run.json()["documents"][0]["repair"];
        assert_eq!(repair["applied"].as_array().unwrap().len(), 1, "{label}");
        assert_eq!(repair["skipped"].as_array().unwrap().len(), 1, "{label}");
        assert_eq!(folder.read("a.txt"), *encoding.encode(after).0, "{label}");
    }
}

#[test]
fn exit_codes() {
    let warning = "category = \"t\"\n[pairs]\n\"座落\" = \"坐落\"\n[[entry]]\ncanonical = \"习近平总书记\"\nforbidden = [\"习总书记\"]\n";
    let comments = docx(
        &paragraph("学习"),
        &[("comments", "<w:comment w:id=\"1\"/>")],
    );
    let folder = Folder::with(&[
        ("l.toml", warning.as_bytes()),
        ("净.txt", "学习".as_bytes()),
        ("警.txt", "座落在县城".as_bytes()),
        ("错.txt", "学习习总书记讲话".as_bytes()),
        ("引.txt", "把“习近平总书记”错写为“习总书记”。".as_bytes()),
        ("坏.txt", b"\xFF\xFE\0\0"),
        ("夹/旧.doc", b""),
        ("夹/错.txt", "学习习总书记讲话".as_bytes()),
        ("夹2/旧.doc", b""),
        ("批.docx", &comments),
    ]);
    for (words, want) in [
        ("净.txt", 0),
        ("警.txt", 0),
        ("警.txt --fail-on warning", 1),
        ("警.txt --fail-on info", 1),
        ("错.txt", 1),
        ("错.txt --fail-on warning", 1),
        ("错.txt --fail-on never", 0),
        ("引.txt", 0),
        ("引.txt --fail-on warning", 0),
        ("引.txt --fail-on info", 1),
        ("净.txt 错.txt 警.txt", 1),
        ("夹", 1),
        ("夹 --strict", 3),
        ("夹2", 0),
        ("夹2 --strict", 3),
        ("夹2 --strict --fail-on never", 3),
        ("净.txt --strict", 0),
        ("批.docx --strict", 0),
        ("坏.txt", 2),
        ("坏.txt --fail-on never", 2),
        ("坏.txt 错.txt", 2),
        ("坏.txt 夹 --strict", 2),
        ("没有.txt 错.txt 夹 --strict", 2),
    ] {
        for output in [
            "",
            "--quiet",
            "--format json",
            "--output-file r",
            "--lang en",
            "--color always",
        ] {
            let run = check(&folder, &format!("{words} {output}"));
            assert_eq!(run.code, Some(want), "{words} {output}: {run:?}");
        }
        let _ = fs::remove_file(folder.path("r"));
    }
    for (words, want) in [
        ("--diff 错.txt", 1),
        ("--diff 错.txt --fail-on never", 1),
        ("--diff 警.txt", 1),
        ("--diff 净.txt", 0),
        ("--diff 引.txt", 0),
        ("--diff 引.txt --fail-on info", 0),
        ("--diff 错.txt 坏.txt", 2),
        ("--diff 夹 --strict", 3),
        ("引.txt --fail-on info", 1),
        ("夹 --strict", 3),
        ("错.txt 坏.txt", 2),
        ("错.txt", 0),
        ("警.txt --fail-on warning", 0),
    ] {
        let before = folder.read("错.txt");
        for output in ["--format json", ""] {
            let run = fix(&folder, &format!("{words} {output}"));
            assert_eq!(run.code, Some(want), "{words} {output}: {run:?}");
        }
        if words.starts_with("--diff") {
            assert_eq!(folder.read("错.txt"), before, "{words}");
        }
    }
}

#[test]
fn standard_input_is_fixed_to_standard_output() {
    let folder = folder(&[]);
    let gb = encoding_rs::GB18030
        .encode("学习习总书记讲话，各单位要认真贯彻落实。\r\n")
        .0;
    let right = encoding_rs::GB18030
        .encode("学习习近平总书记讲话，各单位要认真贯彻落实。\r\n")
        .0;
    let word = docx(&paragraph("学习习总书记讲话"), &[]);
    let args = |name| {
        [
            "fix",
            "--no-builtin",
            "--lexicon",
            "l.toml",
            "--stdin-filename",
            name,
            "-",
        ]
    };

    let run = folder.run_with(&args("a.txt"), &gb);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout == *right);
    // What has no mistake passes through as it is.
    let run = folder.run_with(&args("a.txt"), &right);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout == *right);

    let run = folder.run_with(&args("a.docx"), &word);
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = folder.run_with(
        &["check", "--no-builtin", "--lexicon", "l.toml", "-"],
        &run.stdout,
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(folder.names(), ["l.toml"]);
}

#[test]
fn the_original_of_a_docx_is_kept() {
    let word = docx(&paragraph("学习习总书记讲话"), &[]);
    let folder = folder(&[("a.docx", &word), ("b.docx", &word), ("仓/c.docx", &word)]);
    fs::create_dir(folder.path("仓/.git")).unwrap();
    assert_eq!(fix(&folder, "a.docx").code, Some(0));
    assert_eq!(fix(&folder, "--no-backup b.docx").code, Some(0));
    assert_eq!(fix(&folder, "仓/c.docx").code, Some(0));
    assert_eq!(
        folder.names(),
        ["a.docx", "a.docx.orig", "b.docx", "l.toml", "仓"]
    );
    assert!(folder.read("a.docx.orig") == word);
    assert!(folder.read("a.docx") != word);
    assert!(!folder.path("仓/c.docx.orig").exists());
    // Nothing to fix, nothing to keep.
    assert_eq!(fix(&folder, "a.docx").code, Some(0));
    assert_eq!(folder.names().len(), 5);
}
