//! The commands for those who keep a lexicon, as whole runs.

use encoding_rs::GB18030;

use crate::support::{Folder, zip};

const OWN: &str = "# 本单位\ncategory = \"own\"\n\n[[entry]]\ncanonical = \"未来\"\nforbidden = [\"末来\"]\nseverity = \"warning\"\n\
unless_preceded_by = [\"年\", \"月\"]\nbad = [\"面向末来。\"]\ngood = [\"年末来不及。\"]\n\n[pairs]\n\"按装\" = \"安装\" # 常见\n";

fn args(words: &str) -> Vec<&str> {
    words.split_whitespace().collect()
}

#[test]
fn an_audit_counts_alarms_by_rule_and_shows_where_they_are() {
    let folder = Folder::with(&[
        ("own.toml", OWN.as_bytes()),
        (
            "in/a.txt",
            "市里统一按装路灯。把“按装”写错的要改。面向末来。".as_bytes(),
        ),
        ("in/b.md", "# 按装路灯\n\n年末来不及。\n".as_bytes()),
        ("in/c.doc", b"old"),
        ("in/d.csv", "按装".as_bytes()),
    ]);
    let audit = "lexicon audit in --no-builtin --lexicon own.toml";
    let run = folder.run(audit);
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines: Vec<_> = run.text().lines().collect();
    assert!(lines[0].starts_with("规则"), "{run:?}");
    assert!(lines[1].starts_with("own/安装  警告     3"), "{run:?}");
    assert!(
        lines[2].contains("市里统一【按装】路灯。") && lines[2].contains("in/a.txt 第1行第5列"),
        "{run:?}"
    );
    assert!(lines.last().unwrap().starts_with("2 份文件，"), "{run:?}");
    assert!(run.stderr.contains("in/c.doc：未检查"), "{run:?}");

    let run = folder.run(&format!("{audit} --top 1 --context 0 --lang en"));
    assert_eq!(run.text().lines().count(), 4, "{run:?}");
    assert!(run.text().contains("1 more rules: see --top"), "{run:?}");

    let json = folder
        .run(&format!("{audit} --format json --context 1"))
        .json();
    assert_eq!(json["schema"], "zhengming.audit/1");
    assert_eq!(json["documents"], 2);
    assert_eq!(json["summary"]["warning"]["alarms"], 4);
    assert_eq!(json["unread"][0]["path"], "in/c.doc");
    assert_eq!(json["rules"][0]["rule"], "own/安装");
    assert_eq!(json["rules"][0]["lines"].as_array().unwrap().len(), 1);
    let per_million = json["rules"][0]["per_million"].as_f64().unwrap();
    let characters = json["characters"].as_f64().unwrap();
    assert!((per_million - 3e6 / characters).abs() < 1e-6);

    let run = folder.run("lexicon audit nowhere --no-builtin --lexicon own.toml");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(folder.run("lexicon audit").code, Some(2));
}

#[test]
fn a_test_tells_how_many_conditions_the_examples_need() {
    let folder = Folder::with(&[("own.toml", OWN.as_bytes())]);
    let test = "lexicon test own.toml --no-builtin";
    let run = folder.run(test);
    assert_eq!(run.code, Some(0), "{run:?}");
    let want = "2 个词条的例句全部通过\n逐个去掉 2 个条件，例句能发现 1 个（50%）：unless_preceded_by 1/2\n";
    assert_eq!(run.text(), want);
    let run = folder.run(&format!("{test} --min-score 50 --verbose"));
    assert_eq!(run.code, Some(0), "{run:?}");
    let survivor = "own.toml:4: own/未来：去掉 unless_preceded_by 的“月”，没有例句能发现\n";
    assert_eq!(run.text(), format!("{survivor}{want}"));
    let run = folder.run(&format!("{test} --min-score 50.1 --lang en"));
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(
        run.text()
            .ends_with("that is below 50.1 %: see --verbose\n"),
        "{run:?}"
    );
    assert_eq!(folder.run(&format!("{test} --min-score 101")).code, Some(2));
}

#[test]
fn an_entry_is_added_and_checked_at_once() {
    let folder = Folder::new();
    folder.write(".git/HEAD", b"");
    let run = folder.run("lexicon add 青禾县政俯 青禾县政府");
    assert_eq!(run.code, Some(0), "{run:?}");
    let text = run.text();
    assert!(
        text.starts_with("已写入 office.toml：“青禾县政俯”应为“青禾县政府”（警告）\n"),
        "{text}"
    );
    assert!(text.contains("lexicons = [\"office.toml\"]"), "{text}");
    let want = "category = \"office\"\n\n[pairs]\n\"青禾县政俯\" = \"青禾县政府\"\n";
    assert_eq!(folder.read("office.toml"), want.as_bytes());

    // The configuration's first lexicon is the office's own file from now on.
    folder.write("zhengming.toml", b"lexicons = ['words']\n");
    folder.write("words/a.toml", OWN.as_bytes());
    let mut add = args("lexicon add 青禾一号桥 青禾大桥 --severity error --unless-followed-by 墩");
    add.extend(["--source", "县地名办 2024年文件"]);
    let run = folder.run_with(&add, b"");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.text().lines().count(), 1, "{run:?}");
    let want = "category = \"office\"\n\n[[entry]]\ncanonical = \"青禾大桥\"\nforbidden = [\"青禾一号桥\"]\nseverity = \"error\"\n\
                source = \"县地名办 2024年文件\"\nunless_followed_by = [\"墩\"]\n";
    assert_eq!(folder.read("words/office.toml"), want.as_bytes());
    folder.write("draft.txt", "青禾一号桥通车，青禾一号桥墩未动。".as_bytes());
    let json = folder.run("check draft.txt --format json").json();
    let found = json["documents"][0]["diagnostics"].as_array().unwrap();
    assert_eq!(found.len(), 1, "{json}");
    assert_eq!(found[0]["rule"], "office/青禾大桥");

    let before = folder.read("words/office.toml");
    let run = folder.run("lexicon add 青禾壹号桥 青禾大桥 --file words/a.toml --lang en");
    assert_eq!(run.code, Some(0), "{run:?}");
    let added = String::from_utf8(folder.read("words/a.toml")).unwrap();
    assert_eq!(added, format!("{OWN}\"青禾壹号桥\" = \"青禾大桥\"\n"));
    assert_eq!(folder.read("words/office.toml"), before);
}

#[test]
fn an_entry_that_does_not_pass_leaves_the_file_alone() {
    let lexicon = "category = \"own\"\n\n[[entry]]\ncanonical = \"公平\"\nforbidden = [\"公乎\"]\n\
                   good = [\"价格公平合理，全面从严治党。\"]\n\n[[entry]]\ncanonical = \"全面从严治党\"\nforbidden = [\"从严治党\"]\n";
    let folder = Folder::with(&[("own.toml", lexicon.as_bytes())]);
    for (words, why) in [
        (
            "公乎 公平",
            "the lexicon has “公乎” already: own/公平 (own.toml:3)",
        ),
        (
            "公乎 公正",
            "it contradicts own/公平 (own.toml:3), where “公乎” becomes “公平”",
        ),
        (
            "公平 公正",
            "it contradicts own/公平, where “公平” is the right form",
        ),
        (
            "公評 公乎",
            "“公乎” would be reported again: own/公平 forbids it",
        ),
        ("甲 乙", "too short"),
        ("甲乙 甲乙", "equals the canonical one"),
        ("平合 平和", "it would be a false alarm in “价格公平合理"),
    ] {
        let mut all = args("lexicon add --no-builtin --lexicon own.toml --file own.toml --lang en");
        all.extend(words.split_whitespace());
        let run = folder.run_with(&all, b"");
        assert_eq!(run.code, Some(2), "{words}: {run:?}");
        assert!(
            run.stderr.contains("nothing was written: "),
            "{words}: {run:?}"
        );
        assert!(run.stderr.contains(why), "{words}: {run:?}");
        assert_eq!(folder.read("own.toml"), lexicon.as_bytes(), "{words}");
    }
    let add = "lexicon add 平合 平和 --no-builtin --lexicon own.toml --file own.toml --unless-inside 公平合理";
    let run = folder.run(add);
    assert_eq!(run.code, Some(0), "{run:?}");
    let run = folder.run("lexicon add 甲乙 乙甲 --no-builtin --file broken.toml");
    assert_eq!(run.code, Some(0), "{run:?}");
    folder.write("broken.toml", b"category = \n");
    let run = folder.run("lexicon add 丙丁 丁丙 --no-builtin --file broken.toml");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("broken.toml:1:"), "{run:?}");
    assert_eq!(folder.names(), ["broken.toml", "own.toml"]);
}

/// A workbook of one sheet for each list of rows.
fn workbook(sheets: &[&[&[&str]]]) -> Vec<u8> {
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut list, mut relations, mut types) = (String::new(), String::new(), String::new());
    for (n, rows) in (1..).zip(sheets) {
        list += &format!(r#"<sheet name="表{n}" sheetId="{n}" r:id="r{n}"/>"#);
        relations += &format!(
            r#"<Relationship Id="r{n}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>"#
        );
        types += &format!(
            r#"<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>"#
        );
        let mut data = String::new();
        for (row, cells) in (1..).zip(*rows) {
            data += &format!(r#"<row r="{row}">"#);
            for (column, cell) in ('A'..).zip(*cells) {
                data +=
                    &format!(r#"<c r="{column}{row}" t="inlineStr"><is><t>{cell}</t></is></c>"#);
            }
            data += "</row>";
        }
        parts.push((
            format!("xl/worksheets/sheet{n}.xml"),
            format!(
                r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{data}</sheetData></worksheet>"#
            ),
        ));
    }
    let head = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#;
    parts.push((
        "[Content_Types].xml".to_owned(),
        format!(
            r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>{types}</Types>"#
        ),
    ));
    parts.push((
        "_rels/.rels".to_owned(),
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="w" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#.to_owned(),
    ));
    parts.push((
        "xl/workbook.xml".to_owned(),
        format!(
            r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>{list}</sheets></workbook>"#
        ),
    ));
    parts.push((
        "xl/_rels/workbook.xml.rels".to_owned(),
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>"#
        ),
    ));
    let parts: Vec<_> = parts
        .into_iter()
        .map(|(name, text)| (name, format!("{head}{text}")))
        .collect();
    let parts: Vec<_> = parts
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_bytes()))
        .collect();
    zip(&parts)
}

#[test]
fn a_table_becomes_a_lexicon_that_passes() {
    let csv = "序号,错误写法,正确写法,出处\r\n1,青禾县政俯,青禾县政府,\r\n2,青禾县政俯,青禾县政府,\r\n3,丁金额,定金额/订金额,范本\r\n4,,空\r\n";
    let folder = Folder::with(&[
        ("词库.csv", &GB18030.encode(csv).0),
        (
            "words.xlsx",
            &workbook(&[
                &[
                    &["青禾县错敏词库"],
                    &["误", "正"],
                    &["青禾县政俯", "青禾县政府"],
                    &["安装", "安装"],
                ],
                &[&["甲乙丙丁戊", "戊丁丙乙甲"]],
            ]),
        ),
    ]);
    let run = folder.run("lexicon import 词库.csv");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.text(), "已写入 词库.toml：2 行，另有 2 行未导入\n");
    let want = "第5行未导入：没有错误写法\n第3行未导入：“青禾县政俯”与第2行重复\n";
    assert_eq!(run.stderr, want);
    let text = String::from_utf8(folder.read("词库.toml")).unwrap();
    assert!(
        text.starts_with("# 词库.csv\ncategory = \"词库\"\n"),
        "{text}"
    );
    assert!(
        text.contains("canonical = [\"定金额\", \"订金额\"]"),
        "{text}"
    );
    for command in ["lexicon check 词库.toml", "lexicon fmt --check 词库.toml"] {
        let run = folder.run(command);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
    let run = folder.run("lexicon import 词库.csv --lang en");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("词库.toml exists already"), "{run:?}");

    let run =
        folder.run("lexicon import words.xlsx -o - --category office --severity error --lang en");
    assert_eq!(run.code, Some(0), "{run:?}");
    let want = "# words.xlsx\ncategory = \"office\"\n\n[pairs_meta]\nseverity = \"error\"\n\n[pairs]\n\
                \"青禾县政俯\" = \"青禾县政府\"\n\"甲乙丙丁戊\" = \"戊丁丙乙甲\"\n";
    assert_eq!(run.text(), want);
    assert!(
        run.stderr
            .contains("“表1”, row 1, left out: it stands above the head"),
        "{run:?}"
    );
    assert!(
        run.stderr
            .contains("“表1”, row 4, left out: “安装” equals the right form"),
        "{run:?}"
    );
}

#[test]
fn tables_that_give_nothing_are_told_and_write_nothing() {
    let folder = Folder::with(&[
        ("empty.csv", b""),
        ("old.xls", &[0xD0, 0xCF, 0x11, 0xE0, 0, 0, 0, 0]),
        ("broken.xlsx", b"PK\x03\x04broken"),
        // The built-in lexicon has the one, and would be contradicted by the other.
        (
            "known.csv",
            "错误,正确\n按装,安装\n中华人民共和国,中国\n".as_bytes(),
        ),
    ]);
    for (name, why) in [
        ("empty.csv", "there is no row to import"),
        ("old.xls", "save it as xlsx"),
        ("broken.xlsx", "no sound xlsx"),
        ("known.csv", "it contradicts"),
        ("nothing.csv", "it does not exist"),
    ] {
        let run = folder.run(&format!("lexicon import {name} -o out.toml --lang en"));
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
        assert!(run.stderr.contains(why), "{name}: {run:?}");
    }
    assert!(!folder.path("out.toml").exists());
}

#[test]
fn files_are_brought_into_canonical_layout() {
    let folder = Folder::with(&[
        (
            "words/a.toml",
            "category='t'\n[pairs]\n'按装'='安装'\n".as_bytes(),
        ),
        ("words/b.toml", b"category = \"t\"\n"),
        ("words/c.toml", b"category = \n"),
    ]);
    let run = folder.run("lexicon fmt --check words");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("words/c.toml:1:12: TOML 语法错误"),
        "{run:?}"
    );
    assert!(
        run.text()
            .contains("words/a.toml：需要整理\n3 个文件，1 个与规范格式不同\n"),
        "{run:?}"
    );
    std::fs::remove_file(folder.path("words/c.toml")).unwrap();
    assert_eq!(folder.run("lexicon fmt --check words").code, Some(1));
    let run = folder.run("lexicon fmt words --lang en");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(
        run.text(),
        "words/a.toml: formatted\n2 files, 1 differ from the canonical layout\n"
    );
    let want = "category = \"t\"\n\n[pairs]\n\"按装\" = \"安装\"\n";
    assert_eq!(folder.read("words/a.toml"), want.as_bytes());
    assert_eq!(folder.run("lexicon fmt --check words").code, Some(0));
    folder.write("zhengming.toml", b"lexicons = ['words']\n");
    assert_eq!(folder.run("lexicon fmt --check").code, Some(0));
    let run = folder.run("lexicon fmt --isolated");
    assert_eq!(run.code, Some(2), "{run:?}");
}

#[test]
fn lexicons_are_compared_in_words() {
    let new = OWN
        .replace("\"年\", \"月\"", "\"年\"")
        .replace("按装", "按桩");
    let folder = Folder::with(&[("old.toml", OWN.as_bytes()), ("new/a.toml", new.as_bytes())]);
    let run = folder.run("lexicon diff old.toml new");
    assert_eq!(run.code, Some(1), "{run:?}");
    let want = "~ 改动 own/安装：错误写法 增加“按桩”，去掉“按装”\n~ 改动 own/未来：前面是这些时不报 去掉“月”\n";
    assert_eq!(run.text(), want);
    let run = folder.run("lexicon diff old.toml old.toml --lang en");
    assert_eq!(
        (run.code, run.text()),
        (Some(0), "the lexicons are the same\n")
    );
    let run = folder.run("lexicon diff old.toml nothing.toml");
    assert_eq!(run.code, Some(2), "{run:?}");
}
