//! Quoting a mistake is not making it: “Y”应为“X” mentions Y, and a notice that lists mistakes makes none of them.
//!
//! A mention needs a frame: words next to this very form that say it is wrong, or the canonical form beside it in the
//! way corrections are written. Quotation marks alone are no frame, and neither is an 应为 in another clause.

use std::borrow::Cow;
use std::ops::Range;

use crate::document::{Block, BlockKind, Document};
use crate::linter::Match;
use crate::normal::{Folded, fold_form};
use crate::resolve::sentence;

/// Words right in front of the wrong form that say so: 错写为Y, 不得使用“Y”. Each takes an optional 了.
#[rustfmt::skip]
const CONDEMNS_NEXT: &[&str] = &[
    "错写",
    "误写",
    "错成",
    "错为",
    "误为",
    "误作",
    "错作",
    "错打",
    "误打",
    "错印",
    "误印",
    "错录",
    "误录",
    "误用",
    "错用",
    "误称",
    "错称",
    "误读",
    "误植",
    "误排",
    "错排",
    "错表述",
    "误表述",
    "错误写",
    "错误地写",
    "错误表述",
    "错误使用",
    "错误简称",
    "错误称",
    "错误写法",
    "错误用语",
    "错误用法",
    "错误说法",
    "错误提法",
    "错误的",
    "错别字",
    "不规范表述",
    "不规范用语",
    "不规范写法",
    "不规范简称",
    "不规范的",
    "不准确的",
    "不当表述",
    "不得使用",
    "不得用",
    "不得称",
    "不得写",
    "不得简称",
    "不得表述",
    "不得缩写",
    "不得再用",
    "不得出现",
    "不能使用",
    "不能用",
    "不能称",
    "不能写",
    "不能简称",
    "不能表述",
    "不能说",
    "不能简写",
    "不能再用",
    "不应称",
    "不应写",
    "不应使用",
    "不应简称",
    "不应表述",
    "不应出现",
    "不应再用",
    "不应说",
    "不可使用",
    "不可写",
    "不可简称",
    "不可称",
    "不要使用",
    "不要用",
    "不要写",
    "不要称",
    "不要简称",
    "不要说",
    "不宜使用",
    "不宜称",
    "不宜写",
    "不宜简称",
    "不宜用",
    "不再使用",
    "不再称",
    "禁用",
    "禁止使用",
    "禁止出现",
    "严禁使用",
    "严禁出现",
    "避免使用",
    "避免出现",
    "避免写",
    "防止写",
    "防止出现",
    "慎用",
    "勿用",
    "勿写",
    "切勿写",
    "停止使用",
    "杜绝使用",
    "杜绝出现",
    "杜绝",
];

/// What may follow such a word: 错写(成), 不得简称(为).
#[rustfmt::skip]
const AS: &[&str] = &["成了", "成", "为了", "为", "作", "了", "是", "将", "把", ""];

/// Words in front of a form that only report or contrast: they condemn it where its canonical form stands beside it.
#[rustfmt::skip]
const CONTRASTS_NEXT: &[&str] = &[
    "写成",
    "写成了",
    "写为",
    "写作",
    "打成",
    "打成了",
    "印成",
    "简写为",
    "简写成",
    "缩写为",
    "缩写成",
    "简称为",
    "简称",
    "表述为",
    "表述成",
    "说成",
    "称为",
    "称作",
    "当成",
    "不用",
    "不写",
    "不作",
    "不称",
    "不说",
    "不是",
    "并非",
    "而非",
    "而不是",
    "非",
    "出现",
    "出现了",
    "存在",
    "使用",
    "使用了",
    "误",
];

/// Words behind a form that say that it is wrong.
#[rustfmt::skip]
const CONDEMNS_LAST: &[&str] = &[
    "是错误",
    "是错的",
    "为错误",
    "属错误",
    "属于错误",
    "系错误",
    "有误",
    "有错",
    "错误",
    "不正确",
    "不准确",
    "不规范",
    "不妥",
    "系笔误",
    "是笔误",
    "为笔误",
    "属笔误",
    "属于笔误",
    "笔误",
    "系误写",
    "是误写",
    "为误写",
    "不能写",
    "不应写",
    "不应使用",
    "不得使用",
    "不再使用",
    "不能使用",
    "不宜使用",
    "是不规范",
    "是不对",
    "是不准确",
    "是不正确",
    "是不妥",
    "属于不规范",
    "属不规范",
    "属于不准确",
    "为不规范",
    "的错误",
    "等错误",
    "等错别字",
    "等不规范",
    "等不准确",
    "等表述错误",
    "等表述不规范",
    "等严重表述错误",
    "等严重错误",
    "等差错",
    "等错敏",
    "错别字",
    "错字",
    "之误",
    "书写错误",
    "表述错误",
    "写法错误",
    "使用错误",
    "用词错误",
    "表述不规范",
    "表述有误",
    "予以纠正",
    "予以更正",
    "需更正",
    "须更正",
    "应予纠正",
    "应予更正",
    "应更正",
    "应纠正",
    "系“",
    "漏字",
    "漏了",
    "漏掉",
    "缺字",
    "少字",
    "少了",
    "掉字",
    "多字",
    "多了",
    "缺少",
    "遗漏",
    "漏“",
    "缺“",
    "少“",
    "多“",
];

/// Words behind a form that announce what should stand there instead.
#[rustfmt::skip]
const REPLACES: &[&str] = &[
    "应为",
    "应是",
    "应作",
    "应该为",
    "应该是",
    "应当为",
    "应当是",
    "应改为",
    "应改成",
    "应该改为",
    "应当改为",
    "应写为",
    "应写成",
    "应写作",
    "应该写为",
    "应该写成",
    "应该写作",
    "应当写为",
    "应当写成",
    "应表述为",
    "应规范表述为",
    "应当表述为",
    "应称为",
    "应称",
    "应使用",
    "应更正为",
    "应更改为",
    "应修改为",
    "应规范为",
    "应统一为",
    "应替换为",
    "应调整为",
    "须改为",
    "需改为",
    "要改为",
    "宜改为",
    "请改为",
    "请改成",
    "改为",
    "改成",
    "已改为",
    "更正为",
    "已更正为",
    "修改为",
    "修正为",
    "订正为",
    "更改为",
    "替换为",
    "规范为",
    "统一改为",
    "统一为",
    "均应为",
    "都应为",
    "均改为",
    "均应改为",
    "正确写法",
    "正确表述",
    "正确的写法",
    "正确的表述",
    "正确说法",
    "规范表述",
    "规范写法",
    "建议修改",
    "建议改为",
    "建议使用",
    "建议",
    "正确",
    "是",
    "系",
    "为",
    "→",
    "->",
    "-->",
    "=>",
    "⇒",
    "➔",
    "➡",
    "—>",
    "——",
    "—",
    "√",
    "✓",
    "✔",
    "✅",
];

/// Words that may stand between a quoted form and what is said of it.
#[rustfmt::skip]
const CALLS_IT: &[&str] = &[
    "一词",
    "一语",
    "一句",
    "二字",
    "两字",
    "三字",
    "四字",
    "的写法",
    "的说法",
    "的表述",
    "的提法",
    "的称呼",
    "的简称",
    "的用法",
    "这一表述",
    "这一说法",
    "这一写法",
    "这一提法",
    "这一简称",
    "这种写法",
    "这种说法",
    "这种表述",
    "这个词",
    "等词",
    "等表述",
    "等说法",
    "等写法",
    "等提法",
    "等字样",
    "等用语",
    "等简称",
    "字样",
    "处",
    "中的",
    "中",
    "属于",
    "属",
    "的错误表述",
    "的表述方式",
    "表述",
    "写法",
    "说法",
    "提法",
    "简称",
    "等",
];

/// Labels in front of a form: 错误：Y　正确：X.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "错误",
    "误",
    "错",
    "疑似差错",
    "疑似错误",
    "差错",
    "错误表述",
    "错误写法",
    "错误用法",
    "错误用语",
    "错误说法",
    "错误提法",
    "错误内容",
    "错误示例",
    "错误例句",
    "错例",
    "误例",
    "反例",
    "错别字",
    "不规范表述",
    "不规范用语",
    "不规范写法",
    "不规范",
    "禁用",
    "禁用词",
    "不宜使用",
    "原文",
    "原稿",
    "原句",
    "原表述",
    "误写",
    "错写",
    "错敏词",
    "敏感词",
    "错误词",
    "错词",
    "问题表述",
    "错误的",
    "不正确",
];

/// Marks that say that what stands beside them is wrong.
#[rustfmt::skip]
const CROSSES: &[&str] = &["×", "✗", "✘", "❌", "╳", "✕", "☒"];

/// Headers of the column that lists mistakes.
#[rustfmt::skip]
const WRONG_COLUMNS: &[&str] = &[
    "错误",
    "误",
    "错",
    "差错",
    "错别字",
    "错敏词",
    "原文",
    "原稿",
    "原表述",
    "原内容",
    "不规范",
    "问题表述",
    "问题内容",
    "禁用",
    "误写",
    "错写",
    "错词",
    "错字",
    "修改前",
    "更正前",
    "勘误前",
    "整改前",
    "不宜",
];

/// Headers of the column that lists what is right.
#[rustfmt::skip]
const RIGHT_COLUMNS: &[&str] = &[
    "正确",
    "正",
    "对",
    "应为",
    "应改为",
    "建议",
    "修改",
    "更正",
    "规范",
    "改为",
    "正字",
    "推荐",
    "订正",
    "替换",
    "勘误后",
    "整改后",
];

/// Remarks behind a form that its writer copied on purpose.
#[rustfmt::skip]
const SIC: &[&str] = &["原文如此", "原文照录", "原话如此", "原件如此", "sic"];

const OPEN: &[char] = &['“', '‘', '「', '『', '《', '〈', '【', '"', '\''];
const CLOSE: &[char] = &['”', '’', '」', '』', '》', '〉', '】', '"', '\''];

/// Whether the form at `m` in block `index` is mentioned, not used. `folded` is the block in normal form.
pub(crate) fn is_mention(
    document: &Document,
    index: usize,
    folded: &Folded<'_>,
    m: &Match<'_>,
) -> bool {
    let text = folded.text();
    let canonical: Vec<String> = m.suggestions.iter().map(|c| fold_form(c)).collect();
    let wrong = Wrong::new(&text[m.range.clone()], m, &canonical);
    let sentence = sentence(text, &m.range);
    let before = wrong.without(&text[sentence.start..m.range.start]);
    let after = wrong.without(&text[m.range.end..sentence.end]);
    let context = Context {
        before: &before,
        after: &after,
        canonical: &canonical,
    };
    context.is_condemned()
        || context.is_replaced()
        || context.is_labelled()
        || context.is_sic()
        || is_struck(document, index, &folded.original(&m.range))
        || in_table_of_mistakes(document, index, &canonical, &wrong)
}

/// The wrong forms that hold a canonical one: 教育部 in 国家教育部 corrects nothing.
struct Wrong(Vec<String>);

impl Wrong {
    fn new(found: &str, m: &Match<'_>, canonical: &[String]) -> Self {
        let listed = m.rule.entry.forbidden.iter().map(|f| fold_form(f));
        let forms = std::iter::once(found.to_owned()).chain(listed);
        let holds = |form: &String| canonical.iter().any(|c| form.contains(c.as_str()));
        Self(forms.filter(holds).collect())
    }

    /// A text in normal form with something else in the place of these forms.
    fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        for form in &self.0 {
            if text.contains(form.as_str()) {
                text = Cow::Owned(text.replace(form.as_str(), "\u{FFFC}"));
            }
        }
        text
    }
}

/// A form with the rest of its sentence.
struct Context<'t> {
    before: &'t str,
    after: &'t str,
    canonical: &'t [String],
}

impl<'t> Context<'t> {
    /// 将“X”错写为“Y”, 不得使用“A”“Y”, “Y”的说法不规范, 写成了Y beside X.
    fn is_condemned(&self) -> bool {
        let (before, after) = match self.outside_quotation() {
            Some(outside) => outside,
            // Without quotation marks only the words right in front of the form speak for it.
            None => (self.before, ""),
        };
        let items_before = skip_items_back(before);
        if condemns_next(before) || condemns_next(items_before) {
            return true;
        }
        if self.has_canonical() && [before, items_before].iter().any(|b| contrasts_next(b)) {
            return true;
        }
        let mut after = skip_items(after);
        for _ in 0..3 {
            after = after.trim_start_matches(['，', ',', ' ', '：', ':', '（', '(', '\u{3000}']);
            if starts_with_any(after, CONDEMNS_LAST) || starts_with_any(after, CROSSES) {
                return true;
            }
            let Some(name) = longest_prefix(after, CALLS_IT) else {
                break;
            };
            // “扫黑险恶”中的“险”应为“除”
            after = skip_items(&after[name.len()..]);
            if announces_quotation(after) {
                return true;
            }
        }
        false
    }

    /// “Y”应为“X”, Y→X, Y（应为X）, Y 建议修改：X, Y（X）, and X beside Y with nothing but a gap between them.
    fn is_replaced(&self) -> bool {
        let is_gap = |c: char| c.is_whitespace() || "|│｜/／".contains(c);
        let is_quoted = self.outside_quotation().is_some();
        let mut after = self.after.trim_start_matches(is_gap);
        let (next, gap) = (after, after.len() < self.after.len());
        if gap && self.starts_with_canonical(next) {
            return true;
        }
        let before = self.before.trim_end_matches(is_gap);
        if before.len() < self.before.len()
            && self.canonical.iter().any(|c| before.ends_with(c.as_str()))
        {
            return true;
        }
        after = after.trim_start_matches(CLOSE).trim_start_matches(is_gap);
        if let Some(inner) = after.strip_prefix(['（', '(', '[', '［', '【', '〔']) {
            if self.starts_with_canonical(inner.trim_start_matches(OPEN))
                || starts_with_any(inner, CROSSES)
                || inner.starts_with('错')
                || inner.starts_with('误')
            {
                return true;
            }
            after = inner;
        }
        if starts_with_any(after, CROSSES) {
            return true;
        }
        for _ in 0..3 {
            after = after.trim_start_matches(|c: char| c.is_whitespace() || "，,：:".contains(c));
            if let Some(cue) = longest_prefix(after, REPLACES) {
                let rest = after[cue.len()..]
                    .trim_start_matches(|c: char| c.is_whitespace() || "：:为是】".contains(c));
                let is_strong =
                    cue.chars().count() > 1 || !cue.starts_with(['是', '系', '为', '—']);
                if self.starts_with_canonical(rest.trim_start_matches(OPEN))
                    || is_quoted && is_strong && rest.starts_with(OPEN)
                {
                    return true;
                }
            }
            let Some(name) = longest_prefix(after, CALLS_IT) else {
                break;
            };
            after = &after[name.len()..];
        }
        false
    }

    /// 错误：Y　正确：X, ×Y, 【错误】Y.
    fn is_labelled(&self) -> bool {
        let before = self
            .before
            .trim_end_matches(|c: char| c.is_whitespace() || OPEN.contains(&c));
        if ends_with_any(before, CROSSES) {
            return true;
        }
        // The label may stand before more than the form: 错误：学习Y精神　正确：学习X精神.
        let Some(at) = before.rfind(['：', ':', '】', ']', '］']) else {
            return false;
        };
        let between = &before[at..];
        let label = before[..at]
            .trim_end()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
        between.chars().count() <= 40 && label_stands_alone(label)
    }

    /// Y（原文如此）
    fn is_sic(&self) -> bool {
        self.after
            .trim_start_matches(|c: char| c.is_whitespace() || CLOSE.contains(&c))
            .strip_prefix(['[', '［', '（', '(', '〔', '【'])
            .is_some_and(|rest| starts_with_any(rest, SIC))
    }

    /// What stands outside the innermost quotation marks around the form, if there are any.
    fn outside_quotation(&self) -> Option<(&'t str, &'t str)> {
        let open = self.before.rfind(OPEN)?;
        let mark = self.before[open..].chars().next()?;
        let inside = &self.before[open + mark.len_utf8()..];
        let is_straight = matches!(mark, '"' | '\'');
        if inside.contains(CLOSE) || is_straight && self.before.matches(mark).count() % 2 == 0 {
            return None;
        }
        let close = self.after.find(CLOSE)?;
        if self.after[..close].contains(|c| OPEN.contains(&c) && !CLOSE.contains(&c)) {
            return None;
        }
        let len = self.after[close..].chars().next().map_or(0, char::len_utf8);
        Some((&self.before[..open], &self.after[close + len..]))
    }

    fn has_canonical(&self) -> bool {
        self.canonical
            .iter()
            .any(|c| self.before.contains(c.as_str()) || self.after.contains(c.as_str()))
    }

    /// Whether the canonical form stands at the head of `text`; some words around the form may be repeated.
    fn starts_with_canonical(&self, text: &str) -> bool {
        self.canonical.iter().any(|c| {
            text.find(c.as_str()).is_some_and(|at| {
                text[..at].chars().count() <= 6 && !text[..at].contains(['，', '。', '；', '、'])
            })
        })
    }
}

fn condemns_next(before: &str) -> bool {
    let before = before.trim_end_matches(['：', ':', ' ', '有']);
    AS.iter()
        .filter_map(|tail| before.strip_suffix(tail))
        .any(|head| ends_with_any(head, CONDEMNS_NEXT))
}

/// 应写成“X” prescribes X; 写成了“Y” reports Y.
fn contrasts_next(before: &str) -> bool {
    const PRESCRIBES: &[&str] = &[
        "应", "应当", "应该", "须", "必须", "需", "要", "宜", "统一", "规范", "可", "可以", "正确",
    ];
    let before = before.trim_end_matches(['：', ':', ' ']);
    CONTRASTS_NEXT
        .iter()
        .filter_map(|word| before.strip_suffix(word))
        .any(|head| !ends_with_any(head, PRESCRIBES))
}

/// Whether `text` goes on with what another quotation should be: 应为“除”.
fn announces_quotation(text: &str) -> bool {
    longest_prefix(text, REPLACES)
        .is_some_and(|cue| cue.starts_with('应') && text[cue.len()..].starts_with(OPEN))
}

/// Whether a label begins its line or clause, and is not the end of a longer word.
fn label_stands_alone(text: &str) -> bool {
    let Some(label) = LABELS
        .iter()
        .filter(|l| text.ends_with(**l))
        .max_by_key(|l| l.len())
    else {
        return false;
    };
    let head = &text[..text.len() - label.len()];
    head.is_empty()
        || head.ends_with(|c: char| {
            c.is_whitespace()
                || c.is_ascii_digit()
                || "，。；、：（(【[［|.．）)”一二三四五六七八九十".contains(c)
        })
}

/// Takes further quoted items off the end: “A”、“B”和.
fn skip_items_back(text: &str) -> &str {
    let mut text = text;
    loop {
        let trimmed = text.trim_end_matches(['、', '和', '或', '及', '与', ' ']);
        let Some(inner) = trimmed.strip_suffix(['”', '’', '」', '』', '》']) else {
            return trimmed;
        };
        let Some(open) = inner.rfind(['“', '‘', '「', '『', '《']) else {
            return trimmed;
        };
        text = &inner[..open];
    }
}

/// Takes further quoted items off the head: 、“B”.
fn skip_items(text: &str) -> &str {
    let mut text = text;
    loop {
        let trimmed = text.trim_start_matches(['、', '和', '或', '及', '与']);
        let Some(inner) = trimmed.strip_prefix(['“', '‘', '「', '『']) else {
            return trimmed;
        };
        let Some(close) = inner.find(['”', '’', '」', '』']) else {
            return trimmed;
        };
        let rest = &inner[close..];
        text = &rest[rest.chars().next().map_or(0, char::len_utf8)..];
    }
}

fn is_struck(document: &Document, index: usize, original: &Range<usize>) -> bool {
    let Some(built) = document.blocks[index].details() else {
        return false;
    };
    built
        .struck
        .iter()
        .any(|s| s.start <= original.start && original.end <= s.end)
}

/// How many blocks around a cell are searched for the rest of its table.
const TABLE: usize = 20_000;

/// Whether the block is a cell of a table that lists mistakes beside their corrections: its column is headed by 错误
/// and another by 正确, or its row has the canonical form in another cell.
fn in_table_of_mistakes(
    document: &Document,
    index: usize,
    canonical: &[String],
    wrong: &Wrong,
) -> bool {
    let block = &document.blocks[index];
    let BlockKind::Cell { table, row, column } = block.kind else {
        return false;
    };
    let position = |b: &Block| match b.kind {
        BlockKind::Cell {
            table: t,
            row,
            column,
        } if t == table && b.part == block.part => Some((row, column)),
        _ => None,
    };
    let text = |b: &Block| fold_form(document.text(b).trim());
    let corrects = |b: &Block| {
        let text = text(b);
        let text = wrong.without(&text);
        let len = text.chars().count();
        canonical
            .iter()
            .any(|c| text.contains(c.as_str()) && len <= c.chars().count() + 12)
    };
    let back = document.blocks[..index].iter().rev().take(TABLE);
    let ahead = document.blocks[index + 1..].iter().take(TABLE);
    let same_row = back
        .clone()
        .map_while(|b| position(b).filter(|&(r, _)| r == row).map(|_| b))
        .chain(ahead.map_while(|b| position(b).filter(|&(r, _)| r == row).map(|_| b)));
    if same_row
        .filter(|b| position(b).is_some_and(|(_, c)| c != column))
        .any(corrects)
    {
        return true;
    }
    let headers = back
        .take_while(|b| matches!(b.kind, BlockKind::Cell { .. }) && b.part == block.part)
        .filter_map(|b| {
            position(b)
                .filter(|&(r, _)| r == 1 && row > 1)
                .map(|(_, c)| (c, text(b)))
        })
        .filter(|(_, header)| header.chars().count() <= 12);
    let (mut is_wrong, mut has_right) = (false, false);
    for (c, header) in headers {
        let names = |words: &[&str]| words.iter().any(|w| header.contains(w));
        if c == column {
            is_wrong = names(WRONG_COLUMNS) && !starts_with_any(&header, RIGHT_COLUMNS)
                || starts_with_any(&header, &["修改前", "更正前"]);
        } else {
            has_right |= names(RIGHT_COLUMNS);
        }
    }
    is_wrong && has_right
}

fn starts_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.starts_with(w))
}

fn ends_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.ends_with(w))
}

fn longest_prefix<'w>(text: &str, words: &[&'w str]) -> Option<&'w str> {
    words
        .iter()
        .filter(|w| text.starts_with(**w))
        .max_by_key(|w| w.len())
        .copied()
}
