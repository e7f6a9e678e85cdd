//! Statutes that are cited wrongly: titles in 《》, and articles that a statute does not have.
//!
//! A title is right when the lexicon knows it, with or without 中华人民共和国, and when the document itself declares it
//! short (以下简称). What is far from every known title is somebody else's: a local statute, a standard, a notice.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use crate::config::Config;
use crate::diagnostic::{Message, Severity};
use crate::document::Document;
use crate::lexicon::{FixMode, Lexicon};
use crate::linter::{LISTED, Match, Rule};
use crate::normal::{Folded, fold};
use crate::resolve::sentence;
use crate::rule::numerals::number;
use crate::rule::signs::Signs;
use crate::rule::titles::{HEAD, Title, Titles, Verdict};
use crate::rule::{Across, RuleInfo};

const CATEGORY: &str = "citation";

/// A title is known to be nearly right: less certain than what the lexicon lists.
const GUESSED: u8 = LISTED - 1;

/// No title has more characters than this.
const LONGEST: usize = 80;

/// What is found by reading a document's citations.
#[derive(Debug)]
pub(crate) struct Citations {
    titles: Titles,
    /// What a text with a citation holds.
    signs: Signs,
    title: Option<Rule>,
    kind: Option<Rule>,
    head: Option<Rule>,
    article: Option<Rule>,
}

/// What `catalog` says about these rules.
pub(crate) const RULES: &[RuleInfo] = &[
    RuleInfo {
        id: "citation/title",
        category: CATEGORY,
        severity: Severity::Warning,
        fix: FixMode::Unsafe,
        summary_zh: "书名号中的名称与某部国家法律、行政法规的名称只差一两个字",
        summary_en: "a title in 《》 differs from that of a national statute by a character or two",
        source: "国家法律法规数据库",
        bad: &[
            "根据《中华人民共和国农产品质量安法》，制定本办法。",
            "根据《中华人民共和国物业管理条例》，制定本办法。",
        ],
        good: &[
            "根据《消费者权益保护法》，制定本办法。",
            "执行《水质 总磷的测定 钼酸铵分光光度法》。",
        ],
    },
    RuleInfo {
        id: "citation/kind",
        category: CATEGORY,
        severity: Severity::Warning,
        fix: FixMode::Unsafe,
        summary_zh: "法、条例、实施条例、实施细则混淆",
        summary_en: "a law is taken for a regulation, or an implementing regulation for another kind",
        source: "《行政法规制定程序条例》第五条；国家法律法规数据库",
        bad: &["根据《中华人民共和国安全生产条例》办理。"],
        good: &[
            "根据《中华人民共和国安全生产法》办理。",
            "《山东省安全生产条例》规定了具体办法，《安全生产条例》自公布之日起施行。",
        ],
    },
    RuleInfo {
        id: "citation/state-name",
        category: CATEGORY,
        severity: Severity::Error,
        fix: FixMode::Unsafe,
        summary_zh: "法律名称中的“中华人民共和国”残缺或者重复",
        summary_en: "中华人民共和国 is damaged or doubled in the title of a statute",
        source: "国家法律法规数据库",
        bad: &[
            "根据《中华人民共和国中华人民共和国安全生产法》。",
            "根据《共和国安全生产法》，开展检查。",
        ],
        good: &[
            "根据《安全生产法》，开展检查。",
            "《朝鲜民主主义人民共和国宪法》规定。",
        ],
    },
    RuleInfo {
        id: "citation/article",
        category: CATEGORY,
        severity: Severity::Warning,
        fix: FixMode::None,
        summary_zh: "所引条文的序号超过该法律、行政法规的条文总数",
        summary_en: "the cited article does not exist: the statute has fewer",
        source: "国家法律法规数据库",
        bad: &["依照《中华人民共和国刑法》第五百条的规定处罚。"],
        good: &["依照《中华人民共和国刑法》第三百八十二条的规定处罚。"],
    },
];

/// 《 and what may stand between a title without brackets and an article's number.
const SIGNS: [&str; 4] = ["《", "法第", "法典第", "条例第"];

const NEVER_IN_TITLES: &str = "，。；：！？（）《》“”\n";

/// Characters that may stand right before a title without brackets.
const BEFORE_TITLES: &str =
    "，。；：、！？（）《》“”\n\u{3000} 据照用反和与及按由依对为在合将于即是以成犯";

/// Countries and regions whose statutes are not ours.
const FOREIGN: &[&str] = &[
    "美国",
    "英国",
    "法国",
    "德国",
    "日本",
    "韩国",
    "朝鲜",
    "俄罗斯",
    "苏联",
    "加拿大",
    "澳大利亚",
    "新西兰",
    "印度",
    "欧盟",
    "欧洲",
    "新加坡",
    "马来西亚",
    "越南",
    "泰国",
    "香港",
    "澳门",
    "台湾",
    "瑞士",
    "意大利",
    "西班牙",
    "巴西",
    "外国",
    "国外",
    "域外",
    "境外",
    "该国",
    "联邦",
    "联合国",
    "国际",
    "民国",
    "清",
    "伊斯兰",
    "共和国的",
];

/// What the name of a place or of a council that passes statutes of its own ends with.
const PLACES: &[&str] = &[
    "省",
    "市",
    "区",
    "州",
    "县",
    "旗",
    "盟",
    "地方",
    "特区",
    "人大常委会",
    "人大",
    "省的",
    "市的",
];

/// Words for those who pass and announce local statutes: 省人大通过了《安全生产条例》.
const LOCAL: &[&str] = &[
    "省人大",
    "市人大",
    "区人大",
    "县人大",
    "州人大",
    "省政府",
    "市政府",
    "我省",
    "我市",
    "我区",
    "我县",
    "本省",
    "本市",
    "全省",
    "全市",
];

impl Citations {
    /// `None` when the configuration leaves nothing to look for.
    pub(crate) fn new(lexicon: &Lexicon, config: &Config) -> Option<Self> {
        let rule = |name: &str| RULES.iter().find(|r| r.id == name)?.rule(config);
        let citations = Self {
            titles: Titles::new(lexicon),
            signs: Signs::new(&SIGNS)?,
            title: rule("citation/title"),
            kind: rule("citation/kind"),
            head: rule("citation/state-name"),
            article: rule("citation/article"),
        };
        let rules = [
            &citations.title,
            &citations.kind,
            &citations.head,
            &citations.article,
        ];
        rules.iter().any(|r| r.is_some()).then_some(citations)
    }

    /// Whether a text may cite a statute: 本法第一条 is none.
    fn may_cite(&self, text: &str) -> bool {
        self.signs.find_iter(text).any(|sign| {
            sign.pattern().as_usize() == 0 || !text[..sign.start()].ends_with(['本', '该', '此'])
        })
    }

    /// What is wrong with the citations of a document, by block.
    pub(crate) fn find_across<'l>(
        &'l self,
        document: &Document,
        across: &mut BTreeMap<usize, Across<'l>>,
    ) {
        let mut reading = Reading {
            rules: self,
            declared: HashMap::new(),
            local: Vec::new(),
            found: Vec::new(),
            permitted: Vec::new(),
        };
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            if self.may_cite(text) {
                reading.block(index, &fold(text));
            }
        }
        for (index, range) in std::mem::take(&mut reading.permitted) {
            across.entry(index).or_default().permitted.push(range);
        }
        for (index, m) in reading.settled() {
            across.entry(index).or_default().matches.push(m);
        }
    }
}

/// One document, read from its beginning.
struct Reading<'l> {
    rules: &'l Citations,
    /// Short titles that the document declares, and the statutes they stand for.
    declared: HashMap<String, Option<usize>>,
    /// Titles that are none of a national statute; a shorter one may be short for one of them.
    local: Vec<String>,
    /// What is wrong unless a local statute has that title: block, match, and the title to look for.
    found: Vec<(usize, Match<'l>, Option<String>)>,
    /// Titles that are right whatever the lexicon says, by block.
    permitted: Vec<(usize, Range<usize>)>,
}

/// A title in brackets.
struct Cited {
    /// What stands between the brackets, in the normal form.
    range: Range<usize>,
    /// The same with the brackets.
    whole: Range<usize>,
    /// Whether it holds a title in brackets itself.
    holds_title: bool,
}

impl<'l> Reading<'l> {
    fn block(&mut self, index: usize, folded: &Folded<'_>) {
        let text = folded.text();
        let cited = titles_in(text);
        let mut declarations = declarations(text, &cited).into_iter().peekable();
        for title in &cited {
            while let Some(next) = declarations.next_if(|d| d.at < title.range.start) {
                self.declare(text, next);
            }
            self.title(index, text, title);
        }
        for declaration in declarations {
            self.declare(text, declaration);
        }
        if self.rules.article.is_some() {
            self.bare_titles(index, text);
        }
    }

    fn declare(&mut self, text: &str, declaration: Declaration) {
        let statute = declaration
            .of
            .and_then(|range| self.rules.titles.find(clean(&text[range]).title));
        for name in declaration.names {
            self.declared
                .entry(name)
                .and_modify(|known| {
                    if *known != statute {
                        *known = None;
                    }
                })
                .or_insert(statute);
        }
    }

    fn title(&mut self, index: usize, text: &str, cited: &Cited) {
        let clean = clean(&text[cited.range.clone()]);
        if clean.is_draft {
            self.permit(index, cited);
        }
        if clean.is_draft || clean.title.is_empty() {
            return;
        }
        let at = cited.range.start + clean.at..cited.range.start + clean.at + clean.title.len();
        let before = &text[..cited.range.start];
        let after = &text[cited.whole.end..];
        let without_blanks;
        let title = if clean.title.contains(char::is_whitespace) {
            without_blanks = clean.title.split_whitespace().collect::<String>();
            &without_blanks
        } else {
            clean.title
        };
        if let Some(&statute) = self.declared.get(title) {
            self.permit(index, cited);
            if let Some(nth) = statute {
                self.articles(index, text, cited.whole.end, nth);
            }
            return;
        }
        let verdict = self.rules.titles.judge(title);
        let headed = title.starts_with(HEAD);
        if let Verdict::Known(nth) = verdict {
            // 法国《民法典》第2300条 is none of ours.
            let is_ours = headed || !is_of_others(before, after);
            if is_ours && !clean.is_dated && !is_former(before) {
                self.articles(index, text, cited.whole.end, nth);
            }
            return;
        }
        if cited.holds_title && !matches!(verdict, Verdict::Head(_)) {
            return;
        }
        if matches!(verdict, Verdict::Silent) {
            self.local.push(title.to_owned());
            return;
        }
        let is_head = matches!(verdict, Verdict::Head(_));
        if !headed && is_of_others(before, after)
            || is_former(before)
            || !is_head && is_ended(&text[at.end..sentence(text, &at).end])
        {
            return;
        }
        let rules = self.rules;
        let (rule, right) = match verdict {
            Verdict::Head(right) => (&rules.head, vec![right]),
            Verdict::Near(right) => (&rules.title, right),
            Verdict::Kind(right) => (&rules.kind, right),
            Verdict::Known(_) | Verdict::Silent => return,
        };
        if let Some(rule) = rule {
            let found = text[at.clone()].to_owned();
            let local = (!headed).then(|| title.to_owned());
            self.add(index, rule, at, found, right, None, local);
        }
    }

    /// What a document calls something itself, or calls a draft, is right with its brackets.
    fn permit(&mut self, index: usize, cited: &Cited) {
        self.permitted.push((index, cited.whole.clone()));
    }

    /// Looks at the articles that are cited behind a title and its bracket, which end at `from`.
    fn articles(&mut self, index: usize, text: &str, from: usize, nth: usize) {
        let title = self.rules.titles.get(nth);
        let (Some(rule), Some(most)) = (&self.rules.article, title.articles) else {
            return;
        };
        let rest = behind_remark(&text[from..]);
        self.articles_of(index, text, text.len() - rest.len(), title, most, rule);
    }

    fn articles_of(
        &mut self,
        index: usize,
        text: &str,
        from: usize,
        title: &Title,
        most: u32,
        rule: &'l Rule,
    ) {
        for article in articles(&text[from..]) {
            if article.number <= most {
                continue;
            }
            let at = from + article.range.start..from + article.range.end;
            let found = text[at.clone()].to_owned();
            let message = Message::NoSuchArticle {
                title: title.core.clone(),
                article: found.clone(),
                articles: most,
                amended: title.amended,
            };
            self.add(index, rule, at, found, Vec::new(), Some(message), None);
        }
    }

    /// 根据刑法第五百条: titles without brackets, where nothing before them makes them another title.
    fn bare_titles(&mut self, index: usize, text: &str) {
        let Some(rule) = &self.rules.article else {
            return;
        };
        for sign in self.rules.signs.find_iter(text) {
            if sign.pattern().as_usize() == 0 {
                continue;
            }
            let end = sign.end() - '第'.len_utf8();
            let Some(nth) = self.title_that_ends(&text[..end]) else {
                continue;
            };
            let title = self.rules.titles.get(nth);
            if let Some(most) = title.articles
                && title.in_force
            {
                self.articles_of(index, text, end, title, most, rule);
            }
        }
    }

    /// The longest known title that stands at the end of a text behind something that is no part of a title.
    fn title_that_ends(&self, text: &str) -> Option<usize> {
        text.char_indices()
            .rev()
            .take(LONGEST / 2)
            .take_while(|(_, c)| !NEVER_IN_TITLES.contains(*c))
            .filter(|&(at, _)| ends_before_title(&text[..at]))
            .filter_map(|(at, _)| self.rules.titles.find(&text[at..]))
            .last()
    }

    #[expect(clippy::too_many_arguments, reason = "each is said in one place only")]
    fn add(
        &mut self,
        index: usize,
        rule: &'l Rule,
        range: Range<usize>,
        found: String,
        suggestions: Vec<String>,
        message: Option<Message>,
        local: Option<String>,
    ) {
        let m = Match {
            rule,
            range,
            found: found.into(),
            suggestions: suggestions.into(),
            message,
            priority: GUESSED,
        };
        self.found.push((index, m, local));
    }

    /// What is left when titles are taken out that are short for a local statute the document names.
    fn settled(self) -> impl Iterator<Item = (usize, Match<'l>)> {
        let backwards = |title: &String| title.chars().rev().collect::<String>();
        let mut local: Vec<String> = self.local.iter().map(backwards).collect();
        local.sort_unstable();
        local.dedup();
        let is_local = move |title: &String| {
            let end = backwards(title);
            let first = local.partition_point(|l| *l < end);
            local.get(first).is_some_and(|l| l.starts_with(&end))
        };
        self.found
            .into_iter()
            .filter(move |(_, _, title)| !title.as_ref().is_some_and(&is_local))
            .map(|(index, m, _)| (index, m))
    }
}

/// Takes out listed forms that are only a part of a wrong title, and whose correction would leave the title wrong:
/// 独资企业法 in 《人个独资企业法》.
pub(crate) fn drop_parts(matches: &mut Vec<Match<'_>>, text: &str) {
    /// So many titles stand in each other.
    const NESTED: usize = 4;
    let is_title = |m: &&Match<'_>| m.rule.entry.category == CATEGORY && !m.suggestions.is_empty();
    let mut titles: Vec<&Match<'_>> = matches.iter().filter(is_title).collect();
    if titles.is_empty() {
        return;
    }
    titles.sort_by_key(|m| m.range.start);
    let is_part_of = |part: &Match<'_>, title: &Match<'_>| {
        let (inner, outer) = (&part.range, &title.range);
        let is_inside = outer.start <= inner.start && inner.end <= outer.end && inner != outer;
        if !is_inside {
            return false;
        }
        let (before, behind) = (&text[outer.start..inner.start], &text[inner.end..outer.end]);
        // A form that is the title itself has been thought about.
        let is_all = behind.is_empty() && (before.is_empty() || before == HEAD);
        let is_statute = ["statutes", "repealed"].contains(&part.rule.entry.category.as_str());
        let corrects = |s: &String| {
            let corrected = format!("{before}{s}{behind}");
            title.suggestions.contains(&corrected)
        };
        let may_stay = is_all && is_statute || part.suggestions.iter().any(corrects);
        !may_stay
    };
    let is_part = |part: &Match<'_>| {
        let before = titles.partition_point(|m| m.range.start <= part.range.start);
        let mut around = titles[..before].iter().rev().take(NESTED);
        part.message.is_none() && !is_title(&part) && around.any(|title| is_part_of(part, title))
    };
    let parts: Vec<bool> = matches.iter().map(is_part).collect();
    let mut parts = parts.into_iter();
    matches.retain(|_| !parts.next().unwrap_or(false));
}

/// All titles in brackets, in the order they begin.
fn titles_in(text: &str) -> Vec<Cited> {
    let mut open: Vec<(char, Range<usize>, bool)> = Vec::new();
    let mut titles = Vec::new();
    for (at, c) in text.char_indices() {
        let bracket = at..at + c.len_utf8();
        match c {
            // Signs of less and more are the brackets of a title within a title.
            '<' | '＜' if open.is_empty() => {}
            '《' | '〈' | '<' | '＜' => {
                for (_, _, holds_title) in &mut open {
                    *holds_title = true;
                }
                open.push((c, bracket, false));
            }
            '>' | '＞' if !open.last().is_some_and(|(c, ..)| matches!(c, '<' | '＜')) => {}
            '》' | '〉' | '>' | '＞' => {
                if matches!(c, '》' | '〉') {
                    // A sign of less that nothing closes was none of a title.
                    while open.pop_if(|(c, ..)| matches!(c, '<' | '＜')).is_some() {}
                }
                if let Some((_, opening, holds_title)) = open.pop() {
                    titles.push(Cited {
                        range: opening.end..at,
                        whole: opening.start..bracket.end,
                        holds_title,
                    });
                }
            }
            _ => open.retain(|(_, opening, _)| at - opening.end < LONGEST * '法'.len_utf8()),
        }
    }
    titles.sort_by_key(|t| (t.range.start, Reverse(t.range.end)));
    titles
}

/// A title without what is said about its version.
struct Clean<'t> {
    title: &'t str,
    /// Where it begins in what stood between the brackets.
    at: usize,
    is_draft: bool,
    /// Whether it names a version: its articles may have other numbers.
    is_dated: bool,
}

fn clean(between: &str) -> Clean<'_> {
    let mut title = between.trim_end();
    let mut is_dated = false;
    let mut is_draft = false;
    while let Some(inner) = title.strip_suffix(['）', ')']) {
        let Some(open) = inner.rfind(['（', '(']) else {
            break;
        };
        let remark = &inner[open..];
        is_draft |= ["草案", "稿", "建议", "拟"]
            .iter()
            .any(|w| remark.contains(w));
        let is_version = ["修", "年", "版", "文本"]
            .iter()
            .any(|w| remark.contains(w));
        if !is_version && !is_draft {
            break;
        }
        is_dated |= is_version;
        title = inner[..open].trim_end();
    }
    let trimmed = title.trim_start();
    Clean {
        at: title.len() - trimmed.len(),
        title: trimmed,
        is_draft: is_draft
            || ["草案", "修正案"].iter().any(|w| trimmed.contains(w))
            || trimmed.ends_with('稿'),
        is_dated,
    }
}

/// 《…》（以下简称“…”）: names that a document gives to a title.
struct Declaration {
    at: usize,
    /// What it stands for.
    of: Option<Range<usize>>,
    names: Vec<String>,
}

fn declarations(text: &str, cited: &[Cited]) -> Vec<Declaration> {
    const WORDS: [&str; 3] = ["简称", "下称", "统称"];
    /// Between a title and its short form stands little more than a bracket; in bytes.
    const GAP: usize = 36;
    /// Titles in a title come behind it.
    const NESTED: usize = 4;
    let mut declarations: Vec<_> = WORDS
        .iter()
        .flat_map(|word| text.match_indices(word))
        .map(|(at, word)| {
            let before = cited.partition_point(|t| t.range.start < at);
            let of = cited[..before]
                .iter()
                .rev()
                .take(NESTED)
                .filter(|t| t.range.end < at && at - t.range.end <= GAP)
                .max_by_key(|t| t.range.end)
                .map(|t| t.range.clone());
            Declaration {
                at,
                of,
                names: names(&text[at + word.len()..]),
            }
        })
        .collect();
    declarations.sort_by_key(|d| d.at);
    declarations
}

/// The beginning of a text, as far as remarks and names reach.
fn beginning(text: &str) -> &str {
    const REACH: usize = 120;
    let end = text
        .char_indices()
        .nth(REACH)
        .map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// The names at the beginning of a text, in quotation marks or brackets, or else up to the next mark.
fn names(text: &str) -> Vec<String> {
    const LONGEST_NAME: usize = 40;
    let text = beginning(text);
    let mut names = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\u{3000}', '为', '作', '是', '：', ':', '叫']);
    loop {
        let Some(open) = rest.chars().next() else {
            return names;
        };
        let close = match open {
            '《' => '》',
            '“' => '”',
            '‘' => '’',
            '「' => '」',
            '〈' => '〉',
            '"' => '"',
            _ => break,
        };
        let inner = &rest[open.len_utf8()..];
        let Some(end) = inner.find(close) else {
            return names;
        };
        names.push(
            inner[..end]
                .trim_matches(['《', '》', '〈', '〉', ' '])
                .to_owned(),
        );
        rest = inner[end + close.len_utf8()..]
            .trim_start_matches(['、', '和', '或', '及', '与', '者', '以', '，']);
    }
    if names.is_empty() {
        let name: String = rest
            .chars()
            .take(LONGEST_NAME)
            .take_while(|c| !"）)，。；,;".contains(*c))
            .collect();
        names.push(name);
    }
    names
}

/// Whether a title without 中华人民共和国 is called a local or foreign one, or a draft.
fn is_of_others(before: &str, after: &str) -> bool {
    /// How far away the name of a country may stand.
    const NEAR: usize = 12;
    let before = before.trim_end_matches(['“', ' ', '《']);
    let from = before
        .char_indices()
        .rev()
        .nth(NEAR - 1)
        .map_or(0, |(at, _)| at);
    let near = before[from..]
        .rsplit(['。', '；', '\n'])
        .next()
        .unwrap_or_default();
    PLACES.iter().any(|p| before.ends_with(p))
        || FOREIGN.iter().chain(LOCAL).any(|f| near.contains(f))
        || is_draft_remark(after)
}

/// 《…》（草案）
fn is_draft_remark(after: &str) -> bool {
    let Some(remark) = after.strip_prefix(['（', '(']) else {
        return false;
    };
    let remark = beginning(remark);
    let end = remark.find(['）', ')']).unwrap_or(0);
    remark[..end].contains("草案") || remark[..end].contains('稿')
}

/// Whether a sentence goes on to say that a statute is no longer in force.
fn is_ended(after: &str) -> bool {
    ["废止", "失效", "停止执行"]
        .iter()
        .any(|w| after.contains(w))
}

/// Whether it is a former version that is spoken of.
fn is_former(before: &str) -> bool {
    let before = before.trim_end_matches(['“', '《', ' ', '的']);
    ["原", "旧", "前", "修正", "废止"]
        .iter()
        .any(|w| before.ends_with(w))
}

/// What follows a title and a remark in round brackets; nothing where the remark names a version.
fn behind_remark(text: &str) -> &str {
    let text = text.trim_start();
    let Some(inner) = text.strip_prefix(['（', '(']) else {
        return text.trim_start_matches(['的', '中']);
    };
    let Some(end) = beginning(inner).find(['）', ')']) else {
        return "";
    };
    let remark = &inner[..end];
    if !remark.contains("称") && ["修", "年", "版"].iter().any(|w| remark.contains(w)) {
        return "";
    }
    inner[end..].trim_start_matches(['）', ')'])
}

/// 第五百条, with its number.
struct Article {
    number: u32,
    range: Range<usize>,
}

/// The articles that are named one after the other at the beginning of a text.
fn articles(text: &str) -> Vec<Article> {
    let mut articles = Vec::new();
    let mut at = 0;
    while let Some(rest) = text[at..].strip_prefix('第') {
        let Some((number, len)) = number(rest) else {
            break;
        };
        let end = at + '第'.len_utf8() + len;
        let Some(mut rest) = text[end..].strip_prefix('条') else {
            break;
        };
        let range = at..text.len() - rest.len();
        articles.push(Article { number, range });
        rest = behind_parts(rest);
        const JOINTS: [&str; 11] = [
            "、", "以及", "或者", "和", "及", "至", "到", "或", "与", "－", "—",
        ];
        let Some(next) = JOINTS.iter().find_map(|j| rest.strip_prefix(j)) else {
            break;
        };
        at = text.len() - next.len();
    }
    articles
}

/// What follows 之一, 第二款, 第（三）项.
fn behind_parts(mut text: &str) -> &str {
    loop {
        if let Some((_, len)) = text.strip_prefix('之').and_then(number) {
            text = &text['之'.len_utf8() + len..];
            continue;
        }
        let Some(rest) = text.strip_prefix('第') else {
            return text;
        };
        let rest = rest.trim_start_matches(['（', '(']);
        let Some((_, len)) = number(rest) else {
            return text;
        };
        let rest = rest[len..].trim_start_matches(['）', ')']);
        let Some(rest) = rest.strip_prefix(['款', '项', '目']) else {
            return text;
        };
        text = rest;
    }
}

/// Whether a title may begin behind this text.
fn ends_before_title(before: &str) -> bool {
    let before = before.strip_suffix(HEAD).unwrap_or(before);
    before.is_empty() || before.ends_with(|c| BEFORE_TITLES.contains(c)) || before.ends_with("我国")
}
