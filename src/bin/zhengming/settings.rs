//! Which configuration holds for a file, and the linter that it asks for.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use walkdir::WalkDir;
use zhengming::config::{ConfigFile, FailOn, UnitPaths};
use zhengming::lexicon::Layer;
use zhengming::report::LexiconId;
use zhengming::suppress::{Allow, Baseline};
use zhengming::{Config, Lang, Lexicon, Linter, Mistake};

use crate::args::{KnownArgs, RuleArgs};
use crate::words::{describe, mistake, shown, today};
use crate::write::sha256;

pub(crate) const NAME: &str = "zhengming.toml";

/// The baseline that is used without being named.
const BASELINE: &str = "zhengming-baseline.json";

/// The configurations of a run. Each has a number; number 0 is the one of the command line, which holds where no file
/// is found.
pub(crate) struct Settings {
    args: RuleArgs,
    lang: Lang,
    configs: Vec<Configuration>,
    by_folder: HashMap<PathBuf, usize>,
    /// Configuration files that cannot be read: their numbers, and why. Nothing that they say is known.
    problems: Vec<(usize, anyhow::Error)>,
    known: Known,
}

/// Which baseline is used.
#[derive(Clone, Debug, Default)]
pub(crate) enum Known {
    #[default]
    None,
    /// The one beside the configuration, if there is one.
    Beside,
    /// This one, and it must be there.
    File(PathBuf),
    /// That of [`Self::Beside`] or the given one, which is about to be written: nothing is known yet.
    New(Option<PathBuf>),
}

impl From<&KnownArgs> for Known {
    fn from(args: &KnownArgs) -> Self {
        match &args.baseline {
            Some(path) => Self::File(path.clone()),
            None if args.no_baseline => Self::None,
            None => Self::Beside,
        }
    }
}

/// A configuration file, or none.
pub(crate) struct Configuration {
    pub(crate) path: Option<PathBuf>,
    file: ConfigFile,
    /// Its folder, or else the current one: paths in it, in the baseline and in patterns are relative to this.
    pub(crate) root: PathBuf,
    /// Files that a walk takes too.
    pub(crate) include: Gitignore,
    /// Files and folders that a walk leaves out.
    pub(crate) exclude: Gitignore,
    /// What each of the file's units answers for.
    units: Vec<Gitignore>,
}

impl Configuration {
    /// That of a folder without any file.
    fn none(root: PathBuf) -> Self {
        Self {
            path: None,
            file: ConfigFile::default(),
            root,
            include: Gitignore::empty(),
            exclude: Gitignore::empty(),
            units: Vec::new(),
        }
    }

    /// The units, each with the patterns of its files.
    pub(crate) fn units(&self) -> impl Iterator<Item = (&UnitPaths, &Gitignore)> {
        self.file.units.iter().zip(&self.units)
    }
}

/// The lexicons that hold in a folder.
pub(crate) struct Here {
    /// Whether the embedded one is among them.
    pub(crate) builtin: bool,
    /// Files and folders, later ones going before earlier ones.
    pub(crate) lexicons: Vec<PathBuf>,
}

/// What a document is checked with.
pub(crate) struct Checker {
    pub(crate) lexicon: Lexicon,
    pub(crate) linter: Linter,
    pub(crate) fail_on: FailOn,
    /// Names in the configuration that the lexicon does not have.
    #[cfg_attr(not(feature = "lsp"), expect(dead_code, reason = "told as warnings"))]
    pub(crate) unknown: Vec<Mistake>,
    /// The same in words, and what in the configuration is over.
    pub(crate) warnings: Vec<String>,
    /// The configuration file, the folder that documents are named from, and the baseline.
    pub(crate) config: Option<PathBuf>,
    pub(crate) root: PathBuf,
    pub(crate) baseline_path: PathBuf,
    pub(crate) baseline: Baseline,
    /// What the configuration lets stand.
    pub(crate) allow: Vec<Allow>,
    pub(crate) cache: bool,
    /// SHA-256 of all that the configuration and the baseline say, as `sha256:` and hexadecimal digits.
    pub(crate) digest: String,
}

impl Checker {
    pub(crate) fn id(&self) -> LexiconId {
        LexiconId {
            digest: self.lexicon.digest().to_owned(),
            entries: self.lexicon.entries().len(),
        }
    }
}

impl Settings {
    pub(crate) fn new(args: &RuleArgs, lang: Lang) -> Result<Self> {
        let first = match &args.config {
            Some(path) => read_config(path, lang)?,
            None => Configuration::none(std::env::current_dir().and_then(fs::canonicalize)?),
        };
        Ok(Self {
            args: args.clone(),
            lang,
            configs: vec![first],
            by_folder: HashMap::new(),
            problems: Vec::new(),
            known: Known::None,
        })
    }

    /// The same with known diagnostics.
    pub(crate) fn knowing(mut self, known: Known) -> Self {
        self.known = known;
        self
    }

    /// The configuration of that number.
    pub(crate) fn get(&self, number: usize) -> &Configuration {
        &self.configs[number]
    }

    /// The number of the configuration for files in this folder: the nearest file upward, and not beyond the root of
    /// the repository. The folder must be absolute.
    pub(crate) fn for_folder(&mut self, folder: &Path) -> usize {
        if self.args.config.is_some() || self.args.isolated {
            return 0;
        }
        let mut passed = Vec::new();
        let mut found = 0;
        for folder in folder.ancestors() {
            if let Some(&known) = self.by_folder.get(folder) {
                found = known;
                break;
            }
            passed.push(folder);
            let path = folder.join(NAME);
            if path.is_file() {
                found = self.configs.len();
                let config = read_config(&path, self.lang).unwrap_or_else(|error| {
                    self.problems.push((found, error));
                    Configuration {
                        path: Some(path),
                        ..Configuration::none(folder.to_owned())
                    }
                });
                self.configs.push(config);
                break;
            }
            if folder.join(".git").exists() {
                break;
            }
        }
        for folder in passed {
            self.by_folder.insert(folder.to_owned(), found);
        }
        found
    }

    /// The number of the configuration of the file at that absolute path, and what it calls the file: relative to the
    /// configuration's folder, with `/` between its parts.
    pub(crate) fn place(&mut self, path: &Path) -> (usize, String) {
        let config = self.for_folder(path.parent().unwrap_or(path));
        let root = &self.get(config).root;
        let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy();
        let name = if cfg!(windows) {
            name.replace('\\', "/")
        } else {
            name.into_owned()
        };
        (config, name)
    }

    /// What the configuration of the current folder and the command line name.
    ///
    /// # Errors
    /// All mistakes in the configuration.
    pub(crate) fn here(&mut self) -> Result<Here> {
        let number = self.for_folder(&std::env::current_dir()?);
        let problems = self.problems();
        if !problems.is_empty() {
            bail!(problems.join("\n"));
        }
        let config = &self.configs[number];
        Ok(Here {
            builtin: self.uses_builtin(config),
            lexicons: self.lexicons(config),
        })
    }

    /// The files and folders that the configuration of that number is made of, and those that would be part of it if they
    /// were there. The folder is the one whose files it is for.
    #[cfg(feature = "serve")]
    pub(crate) fn sources(&self, number: usize, folder: &Path) -> Vec<PathBuf> {
        let config = &self.configs[number];
        let mut sources = self.lexicons(config);
        sources.push(self.baseline_path(config));
        match &self.args.config {
            Some(path) => sources.push(path.clone()),
            None if self.args.isolated => {}
            None => {
                for folder in folder.ancestors() {
                    sources.push(folder.join(NAME));
                    if folder.join(".git").exists() {
                        break;
                    }
                }
            }
        }
        sources
    }

    /// Loads the lexicons and compiles the linters of the configurations whose numbers `used` yields.
    ///
    /// # Errors
    /// All mistakes in all configurations and lexicons.
    pub(crate) fn compile(
        self,
        used: impl IntoIterator<Item = usize>,
    ) -> Result<Vec<Option<Checker>>> {
        let mut checkers: Vec<_> = self.configs.iter().map(|_| None).collect();
        let used: BTreeSet<usize> = used.into_iter().collect();
        if used.len() > 1 && matches!(self.known, Known::File(_) | Known::New(Some(_))) {
            bail!(self.lang.pick(
                "这些文件分属几个配置，各有各的基线：不用 --baseline，或分开运行",
                "these files have several configurations, each with its own baseline: leave out --baseline, or run once for each",
            ));
        }
        let mut problems = self.problems();
        for number in used {
            if self.problem(number).is_some() {
                continue;
            }
            match self.checker(number) {
                Ok(checker) => checkers[number] = Some(checker),
                Err(error) => {
                    let problem = describe(&error, self.lang);
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
        }
        if problems.is_empty() {
            Ok(checkers)
        } else {
            Err(anyhow!(problems.join("\n")))
        }
    }

    fn problems(&self) -> Vec<String> {
        let problems = self.problems.iter();
        problems.map(|(_, e)| describe(e, self.lang)).collect()
    }

    /// Why the configuration of that number cannot be read.
    pub(crate) fn problem(&self, number: usize) -> Option<&anyhow::Error> {
        let mut problems = self.problems.iter();
        problems.find(|(n, _)| *n == number).map(|(_, e)| e)
    }

    /// Loads the lexicons and compiles the linter of one configuration, which must be one that can be read.
    ///
    /// # Errors
    /// All mistakes in its lexicons, or in its baseline.
    pub(crate) fn checker(&self, number: usize) -> Result<Checker> {
        let config = &self.configs[number];
        let lexicon = Lexicon::load(&self.layers(config)?)?;
        let used = Config {
            today: today(),
            date: self.args.date,
            without_rules: !self.uses_builtin(config),
            ..config.file.config.clone()
        };
        let baseline_path = self.baseline_path(config);
        let baseline = self.baseline(&baseline_path)?;
        let linter = Linter::new(&lexicon, &used)?.with_baseline(baseline.clone());
        let unknown = config.file.unknown_names(&lexicon);
        let mut warnings: Vec<_> = unknown.iter().map(|m| mistake(m, self.lang)).collect();
        warnings.extend(self.allows_over(config, &used));
        let same_every_day = Config {
            today: jiff::civil::Date::default(),
            ..used.clone()
        };
        let said = format!("{same_every_day:?}{}", baseline.to_json()?);
        Ok(Checker {
            unknown,
            linter,
            fail_on: config.file.fail_on.unwrap_or_default(),
            warnings,
            config: config.path.clone(),
            root: config.root.clone(),
            baseline_path,
            baseline,
            allow: used.allow,
            cache: config.file.cache,
            digest: format!("sha256:{}", sha256(said.as_bytes())),
            lexicon,
        })
    }

    /// Decisions of the configuration whose day is over.
    fn allows_over(&self, config: &Configuration, used: &Config) -> Vec<String> {
        let file = config.path.as_deref().map(shown).unwrap_or_default();
        let over = |a: &&Allow| a.until.is_some_and(|until| until < used.today);
        let line = |a: &Allow| {
            let what = self.lang.pick(
                "这条 [[allow]] 已过期，重新计入",
                "this [[allow]] is over, so what it let stand counts again",
            );
            format!("{file}:{}: {what}", a.line)
        };
        used.allow.iter().filter(over).map(line).collect()
    }

    fn baseline_path(&self, config: &Configuration) -> PathBuf {
        match &self.known {
            Known::File(path) | Known::New(Some(path)) => path.clone(),
            Known::None | Known::Beside | Known::New(None) => config.root.join(BASELINE),
        }
    }

    fn baseline(&self, path: &Path) -> Result<Baseline> {
        let text = match &self.known {
            Known::None | Known::New(_) => return Ok(Baseline::default()),
            Known::Beside if self.args.isolated => return Ok(Baseline::default()),
            Known::Beside | Known::File(_) => fs::read_to_string(path),
        };
        match text {
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    && matches!(self.known, Known::Beside) =>
            {
                Ok(Baseline::default())
            }
            text => Ok(Baseline::parse(&text.with_context(|| shown(path))?)
                .with_context(|| shown(path))?),
        }
    }

    /// Whether what comes with the program is used: its lexicon, and the rules that are not listed forms.
    fn uses_builtin(&self, config: &Configuration) -> bool {
        config.file.builtin && !self.args.no_builtin
    }

    /// The lexicons, later ones going before earlier ones: embedded, configuration, command line.
    fn layers(&self, config: &Configuration) -> Result<Vec<Layer>> {
        let mut layers = Vec::new();
        if self.uses_builtin(config) {
            layers.push(Layer::builtin());
        }
        for path in self.lexicons(config) {
            layers.push(read_layer(&path, self.lang)?);
        }
        if layers.is_empty() {
            bail!(self.lang.pick(
                "没有词库：去掉 --no-builtin 或 builtin = false，或用 --lexicon 指定词库",
                "no lexicon: leave out --no-builtin or builtin = false, or name one with --lexicon",
            ));
        }
        Ok(layers)
    }

    /// The lexicons of the configuration, which lie beside it, and those of the command line.
    fn lexicons(&self, config: &Configuration) -> Vec<PathBuf> {
        let folder = config.path.as_deref().and_then(Path::parent);
        let folder = folder.unwrap_or(Path::new(""));
        let own = config.file.lexicons.iter().map(|name| folder.join(name));
        own.chain(self.args.lexicon.iter().cloned()).collect()
    }
}

/// Patterns as in a `.gitignore` file of `root`.
pub(crate) fn patterns(root: &Path, globs: &[String], lang: Lang) -> Result<Gitignore> {
    let mut builder = GitignoreBuilder::new(root);
    for glob in globs {
        builder.add_line(None, glob).map_err(|error| {
            let what = lang.pick("通配符写错了", "not a pattern");
            anyhow!(
                "{what}{}“{glob}”{}{error}",
                lang.pick("：", ": "),
                lang.pick("：", ": ")
            )
        })?;
    }
    Ok(builder.build()?)
}

fn read_config(path: &Path, lang: Lang) -> Result<Configuration> {
    let name = shown(path);
    let text = fs::read_to_string(path).with_context(|| name.clone())?;
    let file = ConfigFile::parse(&name, &text)?;
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let root = path.parent().unwrap_or(Path::new("")).to_owned();
    Ok(Configuration {
        include: patterns(&root, &file.include, lang).with_context(|| name.clone())?,
        exclude: patterns(&root, &file.exclude, lang).with_context(|| name.clone())?,
        units: file
            .units
            .iter()
            .map(|unit| patterns(&root, &unit.paths, lang).with_context(|| name.clone()))
            .collect::<Result<_>>()?,
        path: Some(path),
        file,
        root,
    })
}

/// What the system said, without the second layer that walkdir puts around it.
pub(crate) fn io_error(error: walkdir::Error) -> io::Error {
    match error.io_error().map(io::Error::kind) {
        Some(kind) => kind.into(),
        None => error.into(),
    }
}

/// A lexicon file, or all `.toml` files in a folder, in the order of their names.
pub(crate) fn lexicon_files(path: &Path, lang: Lang) -> Result<Vec<PathBuf>> {
    let about = || about_lexicon(path, lang);
    if !fs::metadata(path).with_context(about)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in WalkDir::new(path).follow_links(true).sort_by_file_name() {
        let entry = entry.map_err(io_error).with_context(about)?;
        let is_toml = entry.path().extension().is_some_and(|e| e == "toml");
        if is_toml && entry.file_type().is_file() {
            files.push(entry.into_path());
        }
    }
    if files.is_empty() {
        let empty = lang.pick(
            "文件夹中没有 .toml 文件",
            "there is no .toml file in the folder",
        );
        return Err(anyhow!(empty)).with_context(about);
    }
    Ok(files)
}

/// A lexicon file, or all those in a folder, as one layer.
pub(crate) fn read_layer(path: &Path, lang: Lang) -> Result<Layer> {
    let read = |file: PathBuf| {
        let text = fs::read_to_string(&file).with_context(|| about_lexicon(path, lang))?;
        Ok((shown(&file), text))
    };
    Ok(Layer {
        name: shown(path),
        files: lexicon_files(path, lang)?
            .into_iter()
            .map(read)
            .collect::<Result<_>>()?,
        ..Layer::default()
    })
}

fn about_lexicon(path: &Path, lang: Lang) -> String {
    let what = lang.pick("读取词库", "reading the lexicon");
    format!("{what} {}", shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_RULES: RuleArgs = RuleArgs {
        lexicon: Vec::new(),
        no_builtin: false,
        config: None,
        isolated: false,
        date: None,
    };

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_nearest_file_holds_as_far_as_the_repository_goes() {
        let folder = folder(&[
            ("zhengming.toml", "fail_on = 'never'"),
            ("a/zhengming.toml", "fail_on = 'info'"),
            ("a/b/c/x.txt", ""),
            ("repo/.git/HEAD", ""),
            ("repo/d/x.txt", ""),
            ("e/x.txt", ""),
        ]);
        let mut settings = Settings::new(&NO_RULES, Lang::Zh).unwrap();
        let mut level = |name: &str| {
            let number = settings.for_folder(&folder.path().join(name));
            settings.get(number).file.fail_on
        };
        let info = Some(FailOn::At(zhengming::Severity::Info));
        assert_eq!(level("a/b/c"), info);
        assert_eq!(level("a"), info);
        assert_eq!(level("repo/d"), None);
        assert_eq!(level("e"), Some(FailOn::Never));
        let isolated = RuleArgs {
            isolated: true,
            ..NO_RULES
        };
        let mut settings = Settings::new(&isolated, Lang::Zh).unwrap();
        assert_eq!(settings.for_folder(&folder.path().join("a")), 0);
    }

    #[test]
    fn lexicons_of_the_configuration_lie_beside_it() {
        let pairs = "category = 'office'\n[pairs]\n'截止目前' = '截至目前'\n";
        let folder = folder(&[
            (
                "zhengming.toml",
                "builtin = false\nlexicons = ['words']\ndisable = ['ofice']",
            ),
            ("words/b.toml", pairs),
            ("words/a/c.toml", "category = 'other'\n"),
            ("words/readme.md", "no lexicon"),
        ]);
        let mut settings = Settings::new(&NO_RULES, Lang::En).unwrap();
        let number = settings.for_folder(folder.path());
        let checkers = settings.compile([number]).unwrap();
        let checker = checkers[number].as_ref().unwrap();
        assert_eq!(checker.id().entries, 1);
        assert!(
            checker.warnings[0].contains("“ofice”"),
            "{:?}",
            checker.warnings
        );
    }

    #[test]
    fn mistakes_of_all_configurations_come_in_one_run() {
        let folder = folder(&[
            ("a/zhengming.toml", "disabled = []"),
            (
                "b/zhengming.toml",
                "builtin = false\nlexicons = ['no.toml']",
            ),
            ("c/zhengming.toml", "exclude = ['a{b']"),
        ]);
        let mut settings = Settings::new(&NO_RULES, Lang::En).unwrap();
        let used: Vec<_> = ["a", "b", "c"]
            .map(|name| settings.for_folder(&folder.path().join(name)))
            .into();
        let message = settings.compile(used).err().unwrap().to_string();
        let lines: Vec<_> = message.lines().collect();
        assert_eq!(lines.len(), 3, "{message}");
        assert!(lines[0].contains("did you mean “disable”?"), "{message}");
        assert!(lines[1].contains("not a pattern: “a{b”"), "{message}");
        assert!(lines[2].ends_with("it does not exist"), "{message}");
    }

    #[test]
    fn without_any_lexicon_nothing_is_checked() {
        let none = RuleArgs {
            no_builtin: true,
            ..NO_RULES
        };
        let settings = Settings::new(&none, Lang::Zh).unwrap();
        let error = settings.compile([0]).err().unwrap();
        assert!(error.to_string().starts_with("没有词库"), "{error}");
    }
}
