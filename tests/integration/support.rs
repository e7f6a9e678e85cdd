//! What several tests need: a lexicon from a few lines, a document from a text, a docx from its parts, and the command
//! in a folder of its own.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Config, Diagnostic, Document, Linter, ReadOptions};

/// A lexicon of one file.
pub(crate) fn lexicon(toml: &str) -> Lexicon {
    Lexicon::load(&[layer("test", toml)]).unwrap_or_else(|e| panic!("{e}"))
}

/// A layer of one file, `NAME.toml`.
pub(crate) fn layer(name: &str, toml: &str) -> Layer {
    Layer {
        name: name.to_owned(),
        files: vec![(format!("{name}.toml"), toml.to_owned())],
        ..Layer::default()
    }
}

/// A linter over a lexicon of one file.
pub(crate) fn linter(toml: &str) -> Linter {
    Linter::new(&lexicon(toml), &Config::default()).unwrap()
}

/// What a linter finds in a file of that name.
pub(crate) fn lint(linter: &Linter, name: &str, text: &str) -> Vec<Diagnostic> {
    linter.lint(&document(name, text))
}

/// A document that can be read.
pub(crate) fn document(name: &str, text: &str) -> Document {
    parse(name, text.as_bytes())
}

/// A document that can be read.
pub(crate) fn parse(name: &str, bytes: &[u8]) -> Document {
    Document::parse(name, bytes.to_vec(), &ReadOptions::default())
        .unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The namespaces that the parts of a [`docx`] may use.
pub(crate) const NAMESPACES: &str = concat!(
    r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" "#,
    r#"xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" "#,
    r#"xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" "#,
    r#"xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" "#,
    r#"xmlns:v="urn:schemas-microsoft-com:vml""#,
);

const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// A docx whose body is `body`; see [`package`] for `others`.
pub(crate) fn docx(body: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let main = format!("<w:document {NAMESPACES}><w:body>{body}<w:sectPr/></w:body></w:document>");
    package(&main, others)
}

/// A docx with this main part, and `others`: kinds (`header`, `footnotes`, `settings`) with the content of their parts,
/// or whole file names with theirs.
pub(crate) fn package(main: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let mut relations = String::new();
    let mut entries = vec![("word/document.xml".to_owned(), main.to_owned())];
    for (nth, (kind, content)) in others.iter().enumerate() {
        if kind.contains('.') {
            entries.push(((*kind).to_owned(), (*content).to_owned()));
            continue;
        }
        relations += &format!(
            r#"<Relationship Id="rId{nth}" Type="{RELATION}/{kind}" Target="{kind}{nth}.xml"/>"#
        );
        let root = match *kind {
            "header" => "hdr",
            "footer" => "ftr",
            other => other,
        };
        entries.push((
            format!("word/{kind}{nth}.xml"),
            format!("<w:{root} {NAMESPACES}>{content}</w:{root}>"),
        ));
    }
    let relations_of = |inner: &str| {
        format!(
            r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>"#
        )
    };
    let types = concat!(
        r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">"#,
        r#"<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>"#,
        r#"<Default Extension="xml" ContentType="application/xml"/>"#,
        r#"<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>"#,
        "</Types>",
    );
    let to_main = format!(
        r#"<Relationship Id="rId1" Type="{RELATION}/officeDocument" Target="word/document.xml"/>"#
    );
    entries.insert(0, ("[Content_Types].xml".to_owned(), types.to_owned()));
    entries.insert(1, ("_rels/.rels".to_owned(), relations_of(&to_main)));
    entries.push((
        "word/_rels/document.xml.rels".to_owned(),
        relations_of(&relations),
    ));
    entries.push((
        "word/media/image1.png".to_owned(),
        "not really a picture".repeat(20),
    ));
    let entries: Vec<_> = entries
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_bytes()))
        .collect();
    zip(&entries)
}

/// A run of text.
pub(crate) fn run(text: &str) -> String {
    format!(r#"<w:r><w:t xml:space="preserve">{text}</w:t></w:r>"#)
}

/// A paragraph of one run.
pub(crate) fn paragraph(text: &str) -> String {
    format!("<w:p>{}</w:p>", run(text))
}

/// A zip with these entries, all of them deflated.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let narrow = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    let short = |n: usize| u16::try_from(n).unwrap().to_le_bytes();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in entries {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        let data = encoder.finish().unwrap();
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let offset = out.len();
        // Version, flags, method, time and date; then checksum and sizes: the same in both headers.
        let mut common = vec![20, 0, 0, 0, 8, 0, 0, 0, 0x21, 0x5C];
        common.extend(crc.sum().to_le_bytes());
        common.extend(narrow(data.len()));
        common.extend(narrow(content.len()));
        common.extend(short(name.len()));
        common.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&common);
        out.extend(name.as_bytes());
        out.extend(&data);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(narrow(offset));
        directory.extend(name.as_bytes());
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(short(entries.len()));
    out.extend(short(entries.len()));
    out.extend(narrow(directory.len()));
    out.extend(narrow(start));
    out.extend([0, 0]);
    out
}

/// The records of a zip that [`zip`] or an office program made: names, and the bytes from the local header to the end of
/// the data.
pub(crate) fn records(zip: &[u8]) -> Vec<(String, &[u8])> {
    let number = |at: usize, len: usize| {
        let bytes = zip[at..at + len].iter().rev();
        bytes.fold(0, |n, b| n << 8 | usize::from(*b))
    };
    let end = zip.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let mut at = number(end + 16, 4);
    let mut records = Vec::new();
    for _ in 0..number(end + 10, 2) {
        assert_eq!(&zip[at..at + 4], b"PK\x01\x02");
        let (size, start) = (number(at + 20, 4), number(at + 42, 4));
        let name_len = number(at + 28, 2);
        let name = String::from_utf8_lossy(&zip[at + 46..at + 46 + name_len]);
        let len = 30 + number(start + 26, 2) + number(start + 28, 2) + size;
        records.push((name.into_owned(), &zip[start..start + len]));
        at += 46 + name_len + number(at + 30, 2) + number(at + 32, 2);
    }
    records
}

#[cfg(feature = "cli")]
pub(crate) use command::{Folder, Run, run as run_command};

#[cfg(feature = "cli")]
mod command {
    use std::fs;
    use std::io::Write as _;
    use std::path::{Path, PathBuf};
    use std::process::{Command, Output, Stdio};

    /// The command that is tested.
    const BINARY: &str = env!("CARGO_BIN_EXE_zhengming");

    /// A folder to run the command in; it goes when it is dropped.
    pub(crate) struct Folder(tempfile::TempDir);

    /// What came of a run.
    pub(crate) struct Run {
        pub(crate) code: Option<i32>,
        pub(crate) stdout: Vec<u8>,
        pub(crate) stderr: String,
    }

    impl Folder {
        pub(crate) fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        /// A folder with these files.
        pub(crate) fn with(files: &[(&str, &[u8])]) -> Self {
            let folder = Self::new();
            for (name, bytes) in files {
                folder.write(name, bytes);
            }
            folder
        }

        pub(crate) fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }

        pub(crate) fn read(&self, name: &str) -> Vec<u8> {
            fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
        }

        /// The names in the folder itself, sorted.
        pub(crate) fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<_> = entries
                .map(|e| e.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            names
        }

        /// The command in this folder, with nothing of the environment that it might heed.
        pub(crate) fn command(&self) -> Command {
            self.command_at(Path::new(BINARY))
        }

        /// A copy of the command somewhere else, in this folder.
        pub(crate) fn command_at(&self, binary: &Path) -> Command {
            let mut command = Command::new(binary);
            command.current_dir(self.0.path()).env_clear();
            command
        }

        /// Runs the command with words that are separated by blanks.
        pub(crate) fn run(&self, words: &str) -> Run {
            self.run_with(&words.split_whitespace().collect::<Vec<_>>(), b"")
        }

        /// Runs the command with arguments and standard input.
        pub(crate) fn run_with(&self, args: &[&str], stdin: &[u8]) -> Run {
            run(self.command().args(args), stdin)
        }
    }

    /// Runs a command to its end.
    pub(crate) fn run(command: &mut Command, stdin: &[u8]) -> Run {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let stdin = stdin.to_vec();
        // A command that does not read its input closes the pipe: that is no concern of the test.
        let writer = std::thread::spawn(move || drop(pipe.write_all(&stdin)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        Run::new(output)
    }

    impl std::fmt::Debug for Run {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            writeln!(f, "exit code {:?}\n{}", self.code, self.said())
        }
    }

    impl Run {
        pub(crate) fn new(output: Output) -> Self {
            let run = Self {
                code: output.status.code(),
                stdout: output.stdout,
                stderr: String::from_utf8(output.stderr).unwrap(),
            };
            assert!(run.code.is_some(), "killed: {run:?}");
            assert!(!run.stderr.contains("panicked"), "{run:?}");
            run
        }

        /// Standard output as text.
        pub(crate) fn text(&self) -> &str {
            std::str::from_utf8(&self.stdout).unwrap()
        }

        /// Both outputs, for tests that only ask whether something was said.
        pub(crate) fn said(&self) -> String {
            format!("{}{}", String::from_utf8_lossy(&self.stdout), self.stderr)
        }

        /// Standard output as JSON.
        pub(crate) fn json(&self) -> serde_json::Value {
            serde_json::from_slice(&self.stdout).unwrap_or_else(|e| panic!("{e}: {self:?}"))
        }
    }
}
