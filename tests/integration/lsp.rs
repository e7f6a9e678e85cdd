//! The language server, spoken to as an editor does.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::Folder;

const WORDS: &str = "category = 'office'\n\
    [[entry]]\ncanonical = '习近平总书记'\nforbidden = ['习总书记']\nsource = '甲文件'\nreason = '应写全称'\n\
    bad = ['学习习总书记讲话']\n\
    [[entry]]\nname = 'two'\ncanonical = ['一带一路', '丝绸之路']\nforbidden = ['一代一路']\nseverity = 'warning'\n\
    [[entry]]\nname = 'dated'\ncanonical = '自然资源部'\nforbidden = ['国土资源部']\nvalid_from = 2018-03-17\nseverity = 'info'\n\
    [[entry]]\nname = 'edu'\ncanonical = '教育部'\nforbidden = ['国家教育部']\n";

const CONFIG: &str = "root = true\nbuiltin = false\nlexicons = ['words.toml']\n";

/// How long an answer may take before the test fails.
const PATIENCE: Duration = Duration::from_secs(60);

fn office() -> Folder {
    let files = [("zhengming.toml", CONFIG), ("words.toml", WORDS)];
    Folder::with(&files.map(|(name, text)| (name, text.as_bytes())))
}

/// A small editor.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    output: Receiver<Value>,
    asked: i32,
    /// What came while something else was waited for.
    kept: VecDeque<Value>,
    initialized: Value,
}

impl Editor {
    /// An editor that has said hello.
    fn new(folder: &Folder, capabilities: &Value, options: &Value) -> Self {
        let mut editor = Self::silent(folder);
        let root = uri(&folder.path(""));
        let params = json!({
            "processId": null, "rootUri": root, "capabilities": capabilities,
            "initializationOptions": options,
        });
        editor.initialized = editor.ask("initialize", &params);
        editor.notify("initialized", &json!({}));
        editor
    }

    /// One that has not.
    fn silent(folder: &Folder) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_zhengming"))
            .args(["lsp", "--stdio"])
            .current_dir(folder.path(""))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let (send, output) = mpsc::channel();
        std::thread::spawn(move || {
            // Nothing but the protocol: whatever else comes ends the test.
            loop {
                let mut header = String::new();
                if out.read_line(&mut header).unwrap() == 0 {
                    return;
                }
                let length = header.strip_prefix("Content-Length: ").unwrap();
                let mut body = vec![0; length.trim_end().parse::<usize>().unwrap() + 2];
                out.read_exact(&mut body).unwrap();
                assert_eq!(&body[..2], b"\r\n");
                if send
                    .send(serde_json::from_slice(&body[2..]).unwrap())
                    .is_err()
                {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            output,
            asked: 0,
            kept: VecDeque::new(),
            initialized: Value::Null,
        }
    }

    fn send_raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(bytes).unwrap();
        input.flush().unwrap();
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        self.send_raw(format!("Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes());
    }

    fn notify(&mut self, method: &str, params: &Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        json!(id)
    }

    /// The first message that fits; the others are kept.
    fn wait(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&fits) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let message = self.output.recv_timeout(PATIENCE).unwrap();
            if fits(&message) {
                return message;
            }
            self.kept.push_back(message);
        }
    }

    /// The whole answer to a request.
    fn answer(&mut self, id: &Value) -> Value {
        self.wait(|m| m["id"] == *id && m.get("method").is_none())
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.request(method, params);
        let mut answer = self.answer(&id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].take()
    }

    fn open(&mut self, uri: &str, language: &str, text: &str) {
        let item = json!({"uri": uri, "languageId": language, "version": 1, "text": text});
        self.notify("textDocument/didOpen", &json!({"textDocument": item}));
    }

    fn change(&mut self, uri: &str, version: i32, changes: &Value) {
        let document = json!({"uri": uri, "version": version});
        let params = json!({"textDocument": document, "contentChanges": changes});
        self.notify("textDocument/didChange", &params);
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        let published = self.wait(|m| {
            m["method"] == "textDocument/publishDiagnostics" && m["params"]["uri"] == uri
        });
        published["params"]["diagnostics"]
            .as_array()
            .unwrap()
            .clone()
    }

    fn actions(&mut self, uri: &str, range: &Value, only: &Value) -> Vec<Value> {
        let mut context = json!({"diagnostics": []});
        if !only.is_null() {
            context["only"] = only.clone();
        }
        let params = json!({"textDocument": {"uri": uri}, "range": range, "context": context});
        let answer = self.ask("textDocument/codeAction", &params);
        answer.as_array().unwrap().clone()
    }

    fn shown(&mut self) -> String {
        let message = self.wait(|m| m["method"] == "window/showMessage");
        message["params"]["message"].as_str().unwrap().to_owned()
    }

    fn exit_code(mut self) -> Option<i32> {
        drop(self.input.take());
        self.child.wait().unwrap().code()
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        // It has gone already where the test came to its end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn uri(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.canonicalize().unwrap().to_str().unwrap().bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The URI of a file that may not be there.
fn file(folder: &Folder, name: &str) -> String {
    let name: String = name.bytes().map(|b| format!("%{b:02X}")).collect();
    format!("{}/{name}", uri(&folder.path("")))
}

fn point(line: u32, character: u32) -> Value {
    json!({"line": line, "character": character})
}

fn range(start: (u32, u32), end: (u32, u32)) -> Value {
    json!({"start": point(start.0, start.1), "end": point(end.0, end.1)})
}

const EVERYWHERE: [(u32, u32); 2] = [(0, 0), (99, 0)];

fn everywhere() -> Value {
    range(EVERYWHERE[0], EVERYWHERE[1])
}

fn utf8() -> Value {
    json!({"general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]}})
}

/// The offset of a position, counted anew.
fn offset(text: &str, position: &Value, utf8: bool) -> usize {
    let (line, column) = (position["line"].as_u64(), position["character"].as_u64());
    let mut start = 0;
    for _ in 0..line.unwrap() {
        let rest = &text[start..];
        let end = rest.find(['\r', '\n']).unwrap();
        start += end
            + if rest[end..].starts_with("\r\n") {
                2
            } else {
                1
            };
    }
    let mut left = column.unwrap() as usize;
    for (at, c) in text[start..].char_indices() {
        if left == 0 {
            return start + at;
        }
        left -= if utf8 { c.len_utf8() } else { c.len_utf16() };
    }
    assert_eq!(left, 0);
    text.len()
}

/// A text with the edits of a code action.
fn edited(text: &str, action: &Value, utf8: bool) -> String {
    let edit = &action["edit"];
    let edits = match edit["documentChanges"][0]["edits"].as_array() {
        Some(edits) => edits,
        None => {
            let changes = edit["changes"].as_object().unwrap();
            changes.values().next().unwrap().as_array().unwrap()
        }
    };
    let mut out = text.to_owned();
    let place = |e: &Value| {
        let at = |name: &str| offset(text, &e["range"][name], utf8);
        at("start")..at("end")
    };
    let mut edits: Vec<_> = edits
        .iter()
        .map(|e| (place(e), e["newText"].as_str().unwrap()))
        .collect();
    edits.sort_by_key(|(place, _)| (place.start, place.end));
    for (place, new) in edits.into_iter().rev() {
        out.replace_range(place, new);
    }
    out
}

fn titles(actions: &[Value]) -> Vec<&str> {
    actions
        .iter()
        .map(|a| a["title"].as_str().unwrap())
        .collect()
}

fn codes(diagnostics: &[Value]) -> Vec<&str> {
    diagnostics
        .iter()
        .map(|d| d["code"].as_str().unwrap_or_default())
        .collect()
}

#[test]
fn a_text_is_checked_as_it_is_written() {
    let folder = office();
    let versions = json!({"textDocument": {"publishDiagnostics": {"versionSupport": true}}});
    let mut editor = Editor::new(&folder, &versions, &Value::Null);
    let capabilities = &editor.initialized["capabilities"];
    assert_eq!(capabilities["positionEncoding"], "utf-16");
    assert_eq!(capabilities["textDocumentSync"]["change"], 2);
    assert_eq!(editor.initialized["serverInfo"]["name"], "zhengming");

    let uri = file(&folder, "通知 1.txt");
    editor.open(&uri, "plaintext", "学习习总书记讲话。\n共建一代一路。\n");
    let published = editor.wait(|m| m["method"] == "textDocument/publishDiagnostics");
    assert_eq!(published["params"]["version"], 1);
    let found = &published["params"]["diagnostics"];
    assert_eq!(
        found[0],
        json!({
            "range": range((0, 2), (0, 6)),
            "severity": 1,
            "code": "office/习近平总书记",
            "source": "zhengming",
            "message": "“习总书记”应为“习近平总书记”\n依据：甲文件",
        })
    );
    assert_eq!(found[1]["severity"], 2);
    assert_eq!(found[1]["range"], range((1, 2), (1, 6)));
    assert_eq!(found.as_array().unwrap().len(), 2);

    // 习总书记 becomes right, and a new line with a mistake comes before it.
    let changes = json!([
        {"range": range((0, 3), (0, 3)), "text": "近平"},
        {"range": range((0, 0), (0, 0)), "text": "一代一路\n"},
    ]);
    editor.change(&uri, 2, &changes);
    let found = editor.diagnostics(&uri);
    assert_eq!(codes(&found), ["office/two", "office/two"]);
    assert_eq!(found[1]["range"], range((2, 2), (2, 6)));
    editor.change(&uri, 3, &json!([{"text": "好。"}]));
    assert!(editor.diagnostics(&uri).is_empty());
    editor.change(&uri, 4, &json!([{"text": "习总书记"}]));
    assert_eq!(editor.diagnostics(&uri).len(), 1);
    let document = json!({"textDocument": {"uri": uri}});
    editor.notify("textDocument/didClose", &document);
    assert!(editor.diagnostics(&uri).is_empty());

    // Other languages are left alone.
    let rust = file(&folder, "a.rs");
    editor.open(&rust, "rust", "// 习总书记");
    let params = json!({"textDocument": {"uri": rust}, "position": point(0, 4)});
    assert_eq!(editor.ask("textDocument/hover", &params), Value::Null);
    assert!(editor.kept.is_empty(), "{:?}", editor.kept);
    assert_eq!(editor.ask("shutdown", &Value::Null), Value::Null);
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.exit_code(), Some(0));
}

#[test]
fn positions_in_both_encodings() {
    let folder = office();
    // Before the mistake: text, line, and column in UTF-16 and in UTF-8.
    let cases = [
        ("", 0, 0, 0),
        ("甲", 0, 1, 3),
        ("😀", 0, 2, 4),
        ("𠀀é", 0, 3, 6),
        ("👨‍👩‍👧 ", 0, 9, 19),
        ("\u{FEFF}", 0, 1, 3),
        ("甲\r\n😀", 1, 2, 4),
        ("甲。\r😀", 1, 2, 4),
        ("\r\n\r\n\n\r𠀀", 4, 2, 4),
    ];
    for (capabilities, is_utf8) in [(json!({}), false), (utf8(), true)] {
        let mut editor = Editor::new(&folder, &capabilities, &Value::Null);
        let encoding = editor.initialized["capabilities"]["positionEncoding"].clone();
        assert_eq!(encoding, if is_utf8 { "utf-8" } else { "utf-16" });
        for (nth, (before, line, utf16, utf8)) in cases.iter().enumerate() {
            let uri = file(&folder, &format!("{nth}.txt"));
            let text = format!("{before}习总书记😀。\r\n𠀀");
            editor.open(&uri, "plaintext", &text);
            let found = editor.diagnostics(&uri);
            let (start, width) = if is_utf8 { (*utf8, 12) } else { (*utf16, 4) };
            let place = range((*line, start), (*line, start + width));
            assert_eq!(found[0]["range"], place, "{text:?} {is_utf8}");
            let actions = editor.actions(&uri, &place, &json!(["quickfix"]));
            assert_eq!(titles(&actions), ["改为“习近平总书记”"]);
            let want = format!("{before}习近平总书记😀。\r\n𠀀");
            assert_eq!(edited(&text, &actions[0], is_utf8), want);
            // What the editor then sends leads to the same text.
            let change = &actions[0]["edit"]["changes"][&uri][0];
            let change = json!([{"range": change["range"], "text": change["newText"]}]);
            editor.change(&uri, 2, &change);
            assert!(editor.diagnostics(&uri).is_empty(), "{text:?} {is_utf8}");
        }
    }
}

#[test]
fn corrections_one_by_one() {
    let folder = office();
    let mut editor = Editor::new(&folder, &json!({}), &Value::Null);
    for (name, language, text, want) in [
        (
            "a.md",
            "markdown",
            "学习习**总书**记讲话，共建一代一路。",
            vec![
                (
                    "改为“习近平总书记”",
                    true,
                    "学习习近平**总书**记讲话，共建一代一路。",
                ),
                (
                    "改为“一带一路”",
                    false,
                    "学习习**总书**记讲话，共建一带一路。",
                ),
                (
                    "改为“丝绸之路”",
                    false,
                    "学习习**总书**记讲话，共建丝绸之路。",
                ),
            ],
        ),
        (
            "a.html",
            "html",
            "<p title='一&#20195;一路'>习<b>总</b>书记",
            vec![
                (
                    "改为“一带一路”",
                    false,
                    "<p title='一带一路'>习<b>总</b>书记",
                ),
                (
                    "改为“丝绸之路”",
                    false,
                    "<p title='丝绸之路'>习<b>总</b>书记",
                ),
                (
                    "改为“习近平总书记”",
                    true,
                    "<p title='一&#20195;一路'>习近平<b>总</b>书记",
                ),
            ],
        ),
        (
            // Without its text the link would be gone.
            "b.md",
            "markdown",
            "[国家](a)教育部，国家教育部",
            vec![("改为“教育部”", true, "[国家](a)教育部，教育部")],
        ),
        (
            // A quoted mistake has no correction.
            "a.txt",
            "plaintext",
            "不得将“习近平总书记”误写为“习总书记”。",
            vec![],
        ),
    ] {
        let uri = file(&folder, name);
        editor.open(&uri, language, text);
        let found = editor.diagnostics(&uri);
        assert!(!found.is_empty());
        let actions = editor.actions(&uri, &everywhere(), &Value::Null);
        let fixes: Vec<_> = actions
            .iter()
            .filter(|a| a["isPreferred"].is_boolean())
            .collect();
        let done: Vec<_> = fixes
            .iter()
            .map(|a| {
                assert_eq!(a["kind"], "quickfix");
                assert!(found.contains(&a["diagnostics"][0]), "{a}");
                let title = a["title"].as_str().unwrap();
                (title, a["isPreferred"] == true, edited(text, a, false))
            })
            .collect();
        let done: Vec<_> = done
            .iter()
            .map(|(t, p, text)| (*t, *p, text.as_str()))
            .collect();
        assert_eq!(done, want, "{name}");
    }
}

#[test]
fn a_quoted_mistake_is_a_hint() {
    let folder = office();
    let mut editor = Editor::new(&folder, &json!({}), &json!({"lang": "en"}));
    let uri = file(&folder, "a.txt");
    editor.open(&uri, "plaintext", "不得将“习近平总书记”误写为“习总书记”。");
    let found = editor.diagnostics(&uri);
    assert_eq!(found[0]["severity"], 4);
    let message = found[0]["message"].as_str().unwrap();
    assert!(
        message.contains("(from error; it seems to be quoted"),
        "{message}"
    );
}

#[test]
fn everything_safe_at_once_as_fix_does_it() {
    let folder = office();
    let text = "\u{FEFF}# 学习习总书记😀\r\n\r\n共建一代一路，习**总**书记。\r\n\r\n| 习总书记 | 𠀀 |\r\n|-|-|\r\n| 习总书记习总书记 | |\r\n";
    folder.write("a.md", text.as_bytes());
    let run = folder.run("fix -q a.md");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let want = String::from_utf8(folder.read("a.md")).unwrap();
    assert_eq!(want.matches("习近平").count(), 5, "{want}");
    let lazy = json!({
        "textDocument": {"codeAction": {
            "dataSupport": true, "resolveSupport": {"properties": ["edit"]},
        }},
        "workspace": {"workspaceEdit": {"documentChanges": true}},
    });
    for (capabilities, is_utf8) in [(json!({}), false), (utf8(), true), (lazy, false)] {
        let is_lazy = capabilities.get("workspace").is_some();
        let mut editor = Editor::new(&folder, &capabilities, &Value::Null);
        let uri = file(&folder, "a.md");
        editor.open(&uri, "markdown", text);
        let first = editor.diagnostics(&uri)[0]["range"].clone();
        let start = range((0, 0), (0, 0));
        for only in ["source", "source.fixAll", "source.fixAll.zhengming"] {
            let actions = editor.actions(&uri, &start, &json!([only]));
            assert_eq!(titles(&actions), ["改正全文中有把握的 5 处"], "{only}");
        }
        assert!(
            editor
                .actions(&uri, &start, &json!(["source.fix"]))
                .is_empty()
        );
        assert!(
            editor
                .actions(&uri, &start, &json!(["refactor"]))
                .is_empty()
        );
        assert!(editor.actions(&uri, &start, &Value::Null).is_empty());
        let here = editor.actions(&uri, &first, &Value::Null);
        let action = here.iter().find(|a| a["kind"] == "source.fixAll.zhengming");
        let mut action = action.unwrap().clone();
        assert!(action.get("command").is_none());
        if is_lazy {
            assert!(action.get("edit").is_none());
            action = editor.ask("codeAction/resolve", &action);
            let document = &action["edit"]["documentChanges"][0]["textDocument"];
            assert_eq!(*document, json!({"uri": uri, "version": 1}));
            editor.change(&uri, 2, &json!([{"text": text}]));
            let id = editor.request("codeAction/resolve", &action);
            let answer = editor.answer(&id);
            assert_eq!(answer["error"]["message"], "文稿已改动，请重新选择");
        }
        assert_eq!(edited(text, &action, is_utf8), want);
        // Nothing else is touched: of five mistakes only two characters each.
        let edits = action.to_string();
        assert_eq!(edits.matches("\"newText\":\"近平\"").count(), 5, "{edits}");
        editor.change(&uri, 3, &json!([{"text": want}]));
        editor.diagnostics(&uri);
        assert!(
            editor
                .actions(&uri, &everywhere(), &json!(["source"]))
                .is_empty()
        );
    }
}

/// Not every editor escapes what is not ASCII, and each looks for its texts under the names that it gave them.
#[test]
fn a_uri_is_answered_as_the_editor_spells_it() {
    let folder = office();
    let resolved = json!({"textDocument": {"codeAction": {
        "dataSupport": true, "resolveSupport": {"properties": ["edit"]},
    }}, "workspace": {"workspaceEdit": {"documentChanges": true}}});
    let text = "学习习总书记讲话。\n";
    for capabilities in [json!({}), resolved] {
        let mut editor = Editor::new(&folder, &capabilities, &Value::Null);
        let root = uri(&folder.path(""));
        for uri in [
            format!("{root}/通知 1.txt"),
            format!("{root}/%E9%80%9A[1]|.txt"),
            "untitled:无标题-1.txt".to_owned(),
        ] {
            editor.open(&uri, "plaintext", text);
            assert_eq!(editor.diagnostics(&uri).len(), 1, "{uri}");
            let place = json!({"textDocument": {"uri": uri}, "position": point(0, 3)});
            let hover = editor.ask("textDocument/hover", &place);
            assert_eq!(hover["range"], range((0, 2), (0, 6)), "{uri}");
            let actions = editor.actions(&uri, &everywhere(), &Value::Null);
            assert_eq!(actions.len(), 2, "{actions:?}");
            for mut action in actions {
                if action.get("edit").is_none() {
                    action = editor.ask("codeAction/resolve", &action);
                }
                let edit = &action["edit"];
                let named = match edit["changes"].as_object() {
                    Some(changes) => changes.keys().next().unwrap().as_str(),
                    None => edit["documentChanges"][0]["textDocument"]["uri"]
                        .as_str()
                        .unwrap(),
                };
                assert_eq!(named, uri);
                assert_eq!(edited(text, &action, false), "学习习近平总书记讲话。\n");
            }
            editor.change(&uri, 2, &json!([{"text": "甲"}]));
            assert_eq!(editor.diagnostics(&uri).len(), 0, "{uri}");
            let closed = json!({"textDocument": {"uri": uri}});
            editor.notify("textDocument/didClose", &closed);
            assert_eq!(editor.diagnostics(&uri).len(), 0, "{uri}");
        }
    }
}

#[test]
fn what_a_mark_means() {
    let folder = office();
    let mut editor = Editor::new(&folder, &json!({}), &Value::Null);
    let uri = file(&folder, "a.md");
    editor.open(&uri, "markdown", "学习习总\u{200B}书记讲话。");
    let at = |character| json!({"textDocument": {"uri": uri}, "position": point(0, character)});
    let hover = editor.ask("textDocument/hover", &at(3));
    assert_eq!(hover["range"], range((0, 2), (0, 7)));
    assert_eq!(hover["contents"]["kind"], "plaintext");
    let text = hover["contents"]["value"].as_str().unwrap();
    for want in [
        "错误：“习总书记”应为“习近平总书记”",
        "office/习近平总书记",
        "伪装：不可见字符",
        "规范写法：习近平总书记",
        "理由：应写全称",
        "依据：甲文件",
        "错例：学习习总书记讲话",
    ] {
        assert!(text.lines().any(|line| line == want), "{want}: {text}");
    }
    assert_eq!(editor.ask("textDocument/hover", &at(0)), Value::Null);
}

#[test]
fn letting_something_stand_needs_a_reason() {
    let folder = office();
    let mut editor = Editor::new(&folder, &json!({}), &Value::Null);
    let comment = "<!-- zhengming-ignore office/习近平总书记:  -->";
    for (name, text, want) in [
        (
            "a.md",
            "甲\r\n\r\n学习习总书记。\r\n",
            format!("甲\r\n\r\n{comment}\r\n学习习总书记。\r\n"),
        ),
        (
            "b.md",
            "- 甲\n  - 习总书记\n- 乙\n",
            format!("- 甲\n  {comment}\n  - 习总书记\n- 乙\n"),
        ),
        (
            "c.md",
            "| 甲 | 习总书记 |\n|-|-|\n",
            format!("| 甲 | {comment}习总书记 |\n|-|-|\n"),
        ),
        (
            "a.html",
            "<body>\n  <p>甲</p>\n  <p>习总书记</p>",
            format!("<body>\n  <p>甲</p>\n  {comment}\n  <p>习总书记</p>"),
        ),
        (
            "b.html",
            "<p>甲</p><p\n>习总书记",
            format!("<p>甲</p><p\n>{comment}习总书记"),
        ),
    ] {
        let uri = file(&folder, name);
        editor.open(
            &uri,
            if name.ends_with("md") {
                "markdown"
            } else {
                "html"
            },
            text,
        );
        let found = editor.diagnostics(&uri);
        let actions = editor.actions(&uri, &found[0]["range"], &json!(["quickfix"]));
        let title = "忽略（须写明理由）：office/习近平总书记";
        let action = actions.iter().find(|a| a["title"] == title).unwrap();
        let changed = edited(text, action, false);
        assert_eq!(changed, want, "{name}");
        editor.change(&uri, 2, &json!([{"text": changed}]));
        let codes = codes(&editor.diagnostics(&uri)).join(" ");
        assert_eq!(
            codes, "suppressions/no-reason office/习近平总书记",
            "{name}"
        );
        let reasoned = changed.replace(":  -->", ": 引文 -->");
        editor.change(&uri, 3, &json!([{"text": reasoned}]));
        assert!(editor.diagnostics(&uri).is_empty(), "{name}");
    }
    // A text has no comments, and a title can hold none.
    for (name, language, text) in [
        ("a.txt", "plaintext", "习总书记"),
        ("c.html", "html", "<title>习总书记</title>"),
    ] {
        let uri = file(&folder, name);
        editor.open(&uri, language, text);
        let range = editor.diagnostics(&uri)[0]["range"].clone();
        let actions = editor.actions(&uri, &range, &json!(["quickfix"]));
        let offered = titles(&actions).join(" ");
        let is_before = offered.contains("忽略");
        assert_eq!(is_before, name == "c.html", "{offered}");
    }
}

#[test]
fn configuration_and_lexicon_are_loaded_again() {
    let folder = office();
    let mut editor = Editor::new(
        &folder,
        &json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}}),
        &Value::Null,
    );
    let registered = editor.wait(|m| m["method"] == "client/registerCapability");
    let registration = &registered["params"]["registrations"][0];
    assert_eq!(registration["method"], "workspace/didChangeWatchedFiles");
    editor.send(&json!({"jsonrpc": "2.0", "id": registered["id"], "result": null}));
    let text = file(&folder, "a.txt");
    let config = uri(&folder.path("zhengming.toml"));
    let lexicon = uri(&folder.path("words.toml"));
    let changed = |editor: &mut Editor, uri: &str| {
        let params = json!({"changes": [{"uri": uri, "type": 2}]});
        editor.notify("workspace/didChangeWatchedFiles", &params);
    };
    editor.open(&text, "plaintext", "习总书记");
    assert_eq!(editor.diagnostics(&text).len(), 1);

    folder.write(
        "zhengming.toml",
        format!("{CONFIG}disable = ['office']\n").as_bytes(),
    );
    changed(&mut editor, &config);
    assert!(editor.diagnostics(&text).is_empty());
    folder.write("zhengming.toml", CONFIG.as_bytes());
    changed(&mut editor, &config);
    assert_eq!(editor.diagnostics(&text).len(), 1);

    // A name that nobody has is a warning at its place.
    folder.write(
        "zhengming.toml",
        format!("{CONFIG}disable = ['甲😀']\n").as_bytes(),
    );
    changed(&mut editor, &config);
    assert_eq!(editor.diagnostics(&text).len(), 1);
    let found = editor.diagnostics(&config);
    assert_eq!(found[0]["severity"], 2);
    assert_eq!(found[0]["range"], range((3, 11), (3, 17)));

    // A broken configuration is told of where it is broken, and the old one goes on working.
    folder.write("zhengming.toml", "disabel = 1".as_bytes());
    changed(&mut editor, &config);
    assert_eq!(editor.diagnostics(&text).len(), 1);
    let found = editor.diagnostics(&config);
    assert_eq!(found[0]["severity"], 1);
    assert_eq!(found[0]["range"], range((0, 0), (0, 11)));
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("disable"), "{message}");
    let shown = editor.shown();
    assert!(
        shown.contains("沿用原来的") && shown.contains("zhengming.toml:1:1"),
        "{shown}"
    );
    folder.write("zhengming.toml", CONFIG.as_bytes());
    changed(&mut editor, &config);
    assert!(editor.diagnostics(&config).is_empty());
    assert_eq!(editor.diagnostics(&text).len(), 1);

    // A broken lexicon too.
    folder.write("words.toml", b"category = 'office'\n[pairs]\n'x' = 'x'\n");
    changed(&mut editor, &lexicon);
    assert_eq!(editor.diagnostics(&text).len(), 1);
    let found = editor.diagnostics(&lexicon);
    assert_eq!(found[0]["range"]["start"]["line"], 2);
    assert!(editor.shown().contains("words.toml:3:"));
    // It is not told of twice, whatever else is saved.
    let saved = json!({"textDocument": {"uri": text}});
    editor.notify("textDocument/didSave", &saved);
    assert_eq!(editor.diagnostics(&text).len(), 1);
    // The answer comes when all that is done.
    let document = json!({"textDocument": {"uri": text}, "position": point(0, 0)});
    editor.ask("textDocument/hover", &document);
    folder.write(
        "words.toml",
        "category = 'new'\n[pairs]\n'习总书记' = '习近平主席'\n".as_bytes(),
    );
    editor.notify("textDocument/didSave", &saved);
    assert!(editor.diagnostics(&lexicon).is_empty());
    assert_eq!(codes(&editor.diagnostics(&text)), ["new/习近平主席"]);
    let shown = |m: &Value| m["method"] == "window/showMessage";
    assert!(!editor.kept.iter().any(shown), "{:?}", editor.kept);

    // Without any rules to check by, that is what is told.
    folder.write("sub/zhengming.toml", b"lexicons = 3");
    let below = format!("{}/sub/a.txt", uri(&folder.path("")));
    editor.open(&below, "plaintext", "习总书记");
    let found = editor.diagnostics(&below);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.starts_with("未检查："), "{message}");
}

#[test]
fn settings_of_the_editor() {
    let folder = office();
    folder.write(
        "more.toml",
        "category = 'more'\n[pairs]\n'截止目前' = '截至目前'\n".as_bytes(),
    );
    let options = json!({"lang": "en", "date": "2017-01-01"});
    let mut editor = Editor::new(
        &folder,
        &json!({"workspace": {"configuration": true}}),
        &options,
    );
    let asked = editor.wait(|m| m["method"] == "workspace/configuration");
    assert_eq!(asked["params"]["items"], json!([{"section": "zhengming"}]));
    editor.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": [null]}));
    let uri = file(&folder, "a.txt");
    editor.open(&uri, "plaintext", "国土资源部，截止目前，习总书记");
    let found = editor.diagnostics(&uri);
    assert_eq!(codes(&found), ["office/习近平总书记"]);
    let message = found[0]["message"].as_str().unwrap();
    assert!(message.contains("should be"), "{message}");

    let settings = json!({"zhengming": {"lexicons": "more.toml", "date": "2026-01-01"}});
    editor.notify(
        "workspace/didChangeConfiguration",
        &json!({"settings": settings}),
    );
    let found = editor.diagnostics(&uri);
    assert_eq!(
        codes(&found),
        ["office/dated", "more/截至目前", "office/习近平总书记"]
    );
    let severities: Vec<_> = found
        .iter()
        .map(|d| d["severity"].as_u64().unwrap())
        .collect();
    assert_eq!(severities, [3, 2, 1]);

    editor.notify(
        "workspace/didChangeConfiguration",
        &json!({"settings": {"zhengming": {"lnag": "en"}}}),
    );
    let shown = editor.shown();
    assert!(
        shown.contains("lnag") && shown.contains("lexicons"),
        "{shown}"
    );
    editor.notify(
        "workspace/didChangeConfiguration",
        &json!({"settings": null}),
    );
    let asked = editor.wait(|m| m["method"] == "workspace/configuration");
    editor.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": [{"lang": "zh"}]}));
    let found = editor.diagnostics(&uri);
    assert!(
        found[0]["message"].as_str().unwrap().contains("应为"),
        "{found:?}"
    );
}

#[test]
fn what_is_not_checked_is_told() {
    let folder = office();
    let mut editor = Editor::new(&folder, &json!({}), &Value::Null);
    let uri = file(&folder, "a.txt");
    editor.open(&uri, "plaintext", "%PDF-1.7 习总书记");
    let found = editor.diagnostics(&uri);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["severity"], 2);
    let message = found[0]["message"].as_str().unwrap();
    assert_eq!(message, "未检查：不支持 PDF 格式。请另存为 docx 后再检查");
    let params = json!({"textDocument": {"uri": uri}, "position": point(0, 10)});
    assert_eq!(editor.ask("textDocument/hover", &params), Value::Null);
    assert!(editor.actions(&uri, &everywhere(), &Value::Null).is_empty());
    // What the page says of its encoding is about the file, not about what the editor sends.
    let uri = file(&folder, "a.html");
    editor.open(&uri, "html", "<meta charset=big5><p>习总书记");
    assert_eq!(codes(&editor.diagnostics(&uri)), ["office/习近平总书记"]);
    // A text that was never saved has its format from the editor.
    editor.open("untitled:Untitled-1", "markdown", "习**总**书记");
    assert_eq!(editor.diagnostics("untitled:Untitled-1").len(), 1);
}

#[test]
fn long_texts_hold_nobody_up() {
    let folder = office();
    let mut editor = Editor::new(
        &folder,
        &json!({"textDocument": {"publishDiagnostics": {"versionSupport": true}}}),
        &Value::Null,
    );
    let uri = file(&folder, "a.md");
    let paragraph = "各乡镇人民政府：现将**有关**事项通知如下，习总书记。\n\n";
    editor.open(&uri, "markdown", &paragraph.repeat(10_000));
    let last = 100;
    for version in 2..=last {
        editor.change(
            &uri,
            version,
            &json!([{"range": range((0, 0), (0, 0)), "text": "习总书记"}]),
        );
    }
    let nothing = json!({"textDocument": {"uri": uri}, "position": point(99, 0)});
    let hover = editor.request("textDocument/hover", &nothing);
    let cancelled = editor.request("textDocument/hover", &nothing);
    editor.notify("$/cancelRequest", &json!({"id": cancelled}));
    let unknown = editor.request("textDocument/codeLens", &nothing);
    let mut order = Vec::new();
    let mut published = Vec::new();
    while published.last() != Some(&i64::from(last)) {
        let message = editor.output.recv_timeout(PATIENCE).unwrap();
        match &message["params"]["version"] {
            Value::Null => order.push(message),
            version => published.push(version.as_i64().unwrap()),
        }
    }
    // Of a hundred versions nearly all were out of date before their turn came.
    assert!(published.len() < 50, "{published:?}");
    let codes: Vec<_> = order
        .iter()
        .map(|m| (&m["id"], m["error"]["code"].as_i64()))
        .collect();
    assert_eq!(
        codes,
        [(&cancelled, Some(-32800)), (&unknown, Some(-32601))]
    );
    assert_eq!(editor.answer(&hover)["result"], Value::Null);

    // A question about a text that changes before its turn comes is not answered from the old one.
    editor.change(
        &uri,
        101,
        &json!([{"range": range((0, 0), (0, 0)), "text": "甲"}]),
    );
    editor.change(
        &uri,
        102,
        &json!([{"range": range((0, 0), (0, 0)), "text": "甲"}]),
    );
    let hover = editor.request("textDocument/hover", &nothing);
    editor.change(
        &uri,
        103,
        &json!([{"range": range((0, 0), (0, 0)), "text": "甲"}]),
    );
    assert_eq!(editor.answer(&hover)["error"]["code"], -32801);
}

#[test]
fn what_is_no_message_is_survived() {
    let folder = office();
    let mut editor = Editor::silent(&folder);
    let id = editor.request("textDocument/hover", &json!({}));
    assert_eq!(editor.answer(&id)["error"]["code"], -32002);
    let id = editor.request("initialize", &json!({"capabilities": {"general": 3}}));
    assert!(editor.answer(&id)["result"]["capabilities"].is_object());
    editor.notify("initialized", &json!({}));
    for bad in [
        "",
        "{",
        "[1, 2]",
        "null",
        "{\"jsonrpc\": \"2.0\"}",
        "{\"id\": {}, \"method\": 3}",
    ] {
        editor.send_raw(format!("Content-Length: {}\r\n\r\n{bad}", bad.len()).as_bytes());
        let answer = editor.wait(|m| m.get("error").is_some());
        assert_eq!(answer["error"]["code"], -32700, "{bad}");
        assert_eq!(answer["id"], Value::Null);
    }
    editor.send_raw(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    assert_eq!(
        editor.wait(|m| m.get("error").is_some())["error"]["code"],
        -32700
    );
    for (method, params) in [
        ("textDocument/didOpen", json!({})),
        ("textDocument/didChange", json!([])),
        (
            "textDocument/didChange",
            json!({"textDocument": {"uri": ":", "version": "x"}}),
        ),
        ("workspace/didChangeConfiguration", json!({"settings": [3]})),
        ("nothing/known", json!({})),
        ("$/cancelRequest", json!({"id": 9})),
    ] {
        editor.notify(method, &params);
    }
    for (method, code) in [
        ("textDocument/hover", -32602),
        ("textDocument/codeAction", -32602),
        ("initialize", -32600),
        ("x", -32601),
    ] {
        let id = editor.request(method, &json!({"textDocument": 3}));
        assert_eq!(editor.answer(&id)["error"]["code"], code, "{method}");
    }
    editor.send(&json!({"jsonrpc": "2.0", "id": 77, "result": 3}));
    let uri = file(&folder, "a.txt");
    editor.change(&uri, 1, &json!([{"text": "习总书记"}]));
    editor.open(&uri, "plaintext", "甲");
    assert!(editor.diagnostics(&uri).is_empty());
    let mad = json!({"start": point(u32::MAX, u32::MAX), "end": point(0, u32::MAX)});
    editor.change(&uri, 2, &json!([{"range": mad, "text": "习总书记"}]));
    assert_eq!(editor.diagnostics(&uri).len(), 1);
    assert_eq!(editor.ask("shutdown", &Value::Null), Value::Null);
    let id = editor.request("textDocument/hover", &json!({}));
    assert_eq!(editor.answer(&id)["error"]["code"], -32600);
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.exit_code(), Some(0));
}

#[test]
fn how_it_ends() {
    let folder = office();
    let hello = |editor: &mut Editor| {
        editor.ask("initialize", &json!({"capabilities": {}}));
    };
    let mut editor = Editor::silent(&folder);
    hello(&mut editor);
    editor.notify("exit", &Value::Null);
    assert_eq!(editor.exit_code(), Some(1));
    let mut editor = Editor::silent(&folder);
    hello(&mut editor);
    assert_eq!(editor.exit_code(), Some(1));
    let mut editor = Editor::silent(&folder);
    hello(&mut editor);
    editor.ask("shutdown", &Value::Null);
    assert_eq!(editor.exit_code(), Some(0));
    for (arguments, code, want) in [
        (&["lsp", "--help"][..], 0, "供代码编辑器使用的语言服务器"),
        (
            &["lsp", "--help", "--lang", "en"],
            0,
            "Language server for code editors",
        ),
        (&["man", "lsp"], 0, "initializationOptions"),
        (&["lsp", "--port", "1"], 2, "不认识的参数 --port"),
    ] {
        let run = folder.run_with(arguments, b"");
        assert_eq!(run.code, Some(code), "{arguments:?}");
        let said = String::from_utf8_lossy(&run.stdout).into_owned() + &run.stderr;
        assert!(said.contains(want), "{said}");
    }
}
