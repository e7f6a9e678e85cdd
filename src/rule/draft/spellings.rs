//! Two spellings of one name in one document: a body or a title that stands once, one slip from one that stands often.
//!
//! Where the name of a body begins is not known without knowing the words, so what is compared are the characters right in
//! front of what such names end with: two of them that stay the same, and a slip behind those.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::{Found, SPELLING};
use crate::config::Config;
use crate::diagnostic::Message;
use crate::document::{Block, Document};
use crate::linter::Rule;
use crate::normal::tables::is_han;
use crate::source::{LineIndex, Place};

/// What names of bodies end with, and what a title begins with.
const SIGNS: &[&str] = &[
    "《",
    "委员会",
    "办公室",
    "办公厅",
    "领导小组",
    "指挥部",
    "中心",
    "公司",
    "银行",
    "学校",
    "大学",
    "学院",
    "医院",
    "研究院",
    "研究所",
    "协会",
    "合作社",
    "基金会",
    "局",
    "厅",
    "集团",
];

/// A document of more bytes is a collection of many, in which the names of many stand.
const LONGEST: usize = 300_000;

/// How many characters of a name are compared, its end among them: at most, and at least.
const MOST: usize = 14;
const LEAST: usize = 7;

/// So many characters in front of a slip must be the same.
const SAME_BEFORE: usize = 2;

/// A title has at least so many characters.
const SHORTEST_TITLE: usize = 6;

/// A spelling is the usual one when it stands this often.
const USUAL: usize = 2;

/// Characters that make another name of a name: numbers, directions, sizes, levels.
const TELLING: &str = "〇零一二三四五六七八九十百千两0123456789东西南北中上下左右前后内外大小新老省市县区州旗乡镇村街路甲乙丙丁男女正副总分\
党政军民初高次首（）()、·—-“”年月日版期批类级第";

/// Last characters of names: what stands behind one belongs to the next.
const LAST: &str = "局厅会室心司行校学院部所社团组府";

/// Characters that come between words rather than into one.
const BETWEEN: &str = "的要并由向对报请送于在将为已应可还也再各经是有会能就都或等被把让给到从以所该本其此每某原不未者";

/// What no name of a body holds; the standing committees have their names from what stands far before.
const NOT_NAMES: &[&str] = &[
    "的",
    "或",
    "按",
    "由",
    "向",
    "报",
    "请",
    "并",
    "有关",
    "单位",
    "决定",
    "股东",
    "各",
    "常务委员会",
    "经村",
    "经居",
];

#[derive(Debug)]
pub(crate) struct Spellings {
    rule: Rule,
    signs: AhoCorasick,
}

/// Names of one kind, each once.
#[derive(Default)]
struct Names {
    names: Vec<Name>,
    by_text: HashMap<Vec<char>, usize>,
}

struct Name {
    chars: Vec<char>,
    /// The first place.
    block: usize,
    range: Range<usize>,
    count: usize,
    /// How many characters at the end must be the same.
    end: usize,
}

impl Spellings {
    pub(crate) fn new(config: &Config) -> Option<Self> {
        Some(Self {
            rule: SPELLING.rule(config)?,
            signs: AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostLongest)
                .build(SIGNS)
                .ok()?,
        })
    }

    /// Adds the rarer spelling of each name that is spelled in two ways.
    pub(crate) fn find<'l>(&'l self, document: &Document, found: &mut Vec<(usize, Found<'l>)>) {
        let mut length = 0;
        for block in &document.blocks {
            length += document.text(block).len();
            if length > LONGEST {
                return;
            }
        }
        let (mut long, mut short, mut titles) =
            (Names::default(), Names::default(), Names::default());
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            for sign in self.signs.find_iter(text) {
                if sign.pattern().as_usize() == 0 {
                    if let Some(range) = title_from(text, sign.end()) {
                        titles.add(&text[range.clone()], index, range, 0);
                    }
                    continue;
                }
                let end = text[sign.range()].chars().count();
                if let Some(start) = name_before(text, sign.end()) {
                    let name = &text[start..sign.end()];
                    long.add(name, index, start..sign.end(), end);
                    // A word of the sentence may stand before the name, so its end is compared for itself.
                    if let Some((cut, _)) = name.char_indices().rev().nth(LEAST - 1)
                        && cut > 0
                    {
                        short.add(&name[cut..], index, start + cut..sign.end(), end);
                    }
                }
            }
        }
        let lines = OnceCell::new();
        let mut taken: HashSet<(usize, usize)> = HashSet::new();
        for names in [titles, long, short] {
            for (rare, usual, cut) in names.pairs() {
                // The same slip is met with more and with less of what stands before it.
                if taken.insert((rare.block, rare.range.end)) {
                    found.push((rare.block, self.found(document, &lines, rare, usual, cut)));
                }
            }
        }
    }

    fn found(
        &self,
        document: &Document,
        lines: &OnceCell<LineIndex>,
        rare: &Name,
        usual: &Name,
        [rare_cut, usual_cut]: [usize; 2],
    ) -> Found<'_> {
        let block: &Block = &document.blocks[usual.block];
        let part = &document.parts[block.part];
        let place = block.place();
        let start = (place == Place::Line)
            .then(|| block.pieces(&usual.range))
            .and_then(|pieces| {
                let at = pieces.first()?.source.start;
                let lines = lines.get_or_init(|| LineIndex::new(part.text()));
                Some(lines.position(part.text(), at))
            });
        let usual_name: String = usual.chars[usual_cut..].iter().collect();
        let cut: usize = rare.chars[..rare_cut].iter().map(|c| c.len_utf8()).sum();
        Found {
            rule: &self.rule,
            range: rare.range.start + cut..rare.range.end,
            message: Message::OtherSpelling {
                found: rare.chars[rare_cut..].iter().collect(),
                usual: usual_name.clone(),
                place,
                start,
            },
            suggestions: vec![usual_name],
        }
    }
}

impl Names {
    fn add(&mut self, text: &str, block: usize, range: Range<usize>, end: usize) {
        let chars: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        if let Some(&nth) = self.by_text.get(&chars) {
            self.names[nth].count += 1;
            return;
        }
        self.by_text.insert(chars.clone(), self.names.len());
        self.names.push(Name {
            chars,
            block,
            range,
            count: 1,
            end,
        });
    }

    /// Names that stand once, each with a usual one that it is a slip of. Two names that differ by one slip give the same
    /// when a character is left out of each, or of the longer one.
    fn pairs(&self) -> Vec<(&Name, &Name, [usize; 2])> {
        let mut usual: HashMap<Vec<char>, Vec<&Name>> = HashMap::new();
        for name in self.names.iter().filter(|n| n.count >= USUAL) {
            for key in keys(name) {
                usual.entry(key).or_default().push(name);
            }
        }
        let mut pairs = Vec::new();
        if usual.is_empty() {
            return pairs;
        }
        for rare in self.names.iter().filter(|n| n.count == 1) {
            let twin = keys(rare)
                .into_iter()
                .filter_map(|key| usual.get(&key))
                .flatten()
                .find_map(|usual| Some((rare, *usual, slip(rare, usual)?)));
            pairs.extend(twin);
        }
        pairs
    }
}

/// The name itself, and what is left of it when a character is left out.
fn keys(name: &Name) -> Vec<Vec<char>> {
    let without = |at: usize| {
        let mut key = name.chars.clone();
        key.remove(at);
        key
    };
    let last = name.chars.len().saturating_sub(name.end);
    let mut keys: Vec<_> = (0..last).map(without).collect();
    keys.push(name.chars.clone());
    keys
}

/// Where two names are the same but for a slip: how many characters at their beginnings are left aside. A window on a name
/// moves by one where a character is missing, and then its first character belongs to something else.
fn slip(rare: &Name, usual: &Name) -> Option<[usize; 2]> {
    let moved = [[0, 0], [1, 0], [0, 1]];
    let ways = if rare.end > 0 {
        &moved[..]
    } else {
        &moved[..1]
    };
    ways.iter()
        .copied()
        .find(|[r, u]| is_slip(&rare.chars[*r..], &usual.chars[*u..], rare.end))
}

/// Whether a name is another with one slip in it: a character left out, put in, doubled, swapped with its neighbour, or
/// 和 for 与. Another character in the place of one may well be another name.
fn is_slip(rare: &[char], usual: &[char], end: usize) -> bool {
    let before = rare.iter().zip(usual).take_while(|(x, y)| x == y).count();
    let most = rare.len().min(usual.len()) - before;
    let tails = rare.iter().rev().zip(usual.iter().rev());
    let behind = tails.take(most).take_while(|(x, y)| x == y).count();
    if before < SAME_BEFORE || behind < end || end > 0 && LAST.contains(rare[before - 1]) {
        return false;
    }
    let is_other = |c: &char| TELLING.contains(*c) || end > 0 && BETWEEN.contains(*c);
    let joins = |c: &char| "和与及".contains(*c);
    let rests = (
        &rare[before..rare.len() - behind],
        &usual[before..usual.len() - behind],
    );
    match rests {
        ([], [c]) | ([c], []) => !is_other(c),
        ([x, y], [v, w]) => x == w && y == v && !is_other(x) && !is_other(y),
        ([x], [y]) => joins(x) && joins(y),
        _ => false,
    }
}

/// The title that begins at `start`, behind its bracket.
fn title_from(text: &str, start: usize) -> Option<Range<usize>> {
    let inner = &text[start..];
    let len = inner.find(['《', '》', '\n'])?;
    let is_long = inner[..len].chars().nth(SHORTEST_TITLE - 1).is_some();
    (is_long && inner[len..].starts_with('》')).then_some(start..start + len)
}

/// Where the name that ends at `end` begins, as far as one can tell; `None` where it is too short.
fn name_before(text: &str, end: usize) -> Option<usize> {
    let run = text[..end].char_indices().rev().take(MOST);
    let start = run.take_while(|&(_, c)| is_han(c)).last()?.0;
    let run = &text[start..end];
    let cut = NOT_NAMES
        .iter()
        .filter_map(|w| Some(run.rfind(w)? + w.len()))
        .max()
        .unwrap_or(0);
    run[cut..]
        .chars()
        .nth(LEAST - 1)
        .is_some()
        .then_some(start + cut)
}

#[cfg(test)]
mod tests {
    use crate::rule::draft::tests::found;

    #[test]
    fn one_name_in_two_spellings() {
        for (text, want) in [
            (
                "请送县农村产权交易中心。县农村产权交易中心负责登记。县农村产权交中心另行通知。",
                "村产权交中心",
            ),
            (
                "由市住房和城乡建设局牵头。市住房和城乡建设局负责。报市住房与城乡建设局备案。",
                "市住房与城乡建设局",
            ),
            (
                "县文化旅游发展集团公司承办。县文化旅游发展集团公司出资。县文化旅发游展集团公司协办。",
                "县文化旅发游展集团公司",
            ),
            (
                "按照《全县农村环境整治方案》执行。《全县农村环境整治方案》另发。对照《全县农村环境治整方案》检查。",
                "全县农村环境治整方案",
            ),
            (
                "按照《全县农村环境整治方案》执行。《全县农村环境整治方案》另发。对照《全县农村环境整方案》检查。",
                "全县农村环境整方案",
            ),
        ] {
            let found = found(text, "spelling");
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(
                want.ends_with(&found[0]) || found[0].ends_with(want),
                "{found:?}"
            );
        }
    }

    #[test]
    fn names_of_two() {
        for text in [
            "请送县第一人民医院。县第一人民医院负责登记。县第二人民医院另行通知。",
            "市东城区教育局。市东城区教育局。市西城区教育局。",
            "报市生态环境局。报市生态环境局。市自然资源局。",
            "各部门报市统计局。各部门报市统计局。各部门要报市统计局。",
            "人社局财政局。人社局财政局。人社局和财政局。",
            "《甲项目实施方案（一）》《甲项目实施方案（一）》《甲项目实施方案（二）》",
            "请送县农村产权交易中心。县农村产权交易中心负责登记。",
        ] {
            let found = found(text, "spelling");
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
