//! Quoting a mistake is not making it: “Y”应为“X” mentions Y, and a notice that lists mistakes makes none of them.
//!
//! A mention needs a frame: words that say of this very form that it is wrong. Quotation marks alone are none, and
//! neither is an 应为 in another clause.

use crate::document::{BlockKind, Document};
use crate::linter::Match;
use crate::normal::fold;
use crate::resolve::sentence;

/// Words after which a quoted form is the wrong one: 将“X”错写为“Y”.
const WRONG_FOLLOWS: &[&str] = &[
    "错写为",
    "错写成",
    "错写作",
    "错写",
    "误写为",
    "误写成",
    "误写作",
    "误写",
    "错成",
    "错成了",
    "错为",
    "误为",
    "误作",
    "错作",
    "错打成",
    "误打成",
    "错印成",
    "误印成",
    "错录为",
    "误录为",
    "误用为",
    "错用为",
    "错误表述为",
    "误称为",
    "误称",
    "错称为",
    "错称",
    "错误地写成",
    "错误地写为",
    "错误写为",
    "错误写成",
    "误读为",
    "误植为",
    "错排成",
    "误排成",
    "不得使用",
    "不得用",
    "不得称",
    "不得写",
    "不得写成",
    "不得简称",
    "不得简称为",
    "不得表述为",
    "不能使用",
    "不能用",
    "不能称",
    "不能称为",
    "不能写",
    "不能写成",
    "不能写为",
    "不能简称",
    "不能简称为",
    "不应称",
    "不应称为",
    "不应写",
    "不应写成",
    "不应写为",
    "不应使用",
    "不应用",
    "不应简称",
    "不应简称为",
    "不可使用",
    "不可写",
    "不可写成",
    "不可写作",
    "不可简称",
    "不要使用",
    "不要用",
    "不要写",
    "不要写成",
    "不要称",
    "不使用",
    "不用",
    "不写",
    "不写作",
    "不称",
    "不说",
    "不宜使用",
    "不宜称",
    "不宜写成",
    "禁用",
    "禁止使用",
    "避免使用",
    "避免写成",
    "防止写成",
    "慎用",
    "勿用",
    "勿写成",
    "勿写作",
    "停止使用",
    "不再使用",
    "不再称",
    "杜绝使用",
    "错误表述",
    "错误写法",
    "错误用语",
    "错误用法",
    "错误说法",
    "错误提法",
    "错别字",
    "不规范表述",
    "不规范用语",
    "不规范写法",
    "不规范简称",
    "错字",
    "误写形式",
    "而非",
    "而不是",
    "误将",
    "错将",
];

/// Words that only report how something was written. 应写成“X” prescribes X; 写成了“Y” reports Y.
const REPORTS: &[&str] = &[
    "写成",
    "写成了",
    "写为",
    "写作",
    "打成",
    "打成了",
    "简写为",
    "简写成",
    "缩写为",
    "缩写成",
    "表述为",
    "表述成",
];

/// Words that make a report a prescription.
const PRESCRIBES: &[&str] = &[
    "应", "应当", "应该", "须", "必须", "需", "要", "宜", "统一", "规范", "可", "可以", "正确",
];

/// Words behind a quoted form that say it is wrong: “Y”应为“X”.
const WRONG_PRECEDES: &[&str] = &[
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
    "应表述为",
    "应称为",
    "应称",
    "应使用",
    "应更正为",
    "应更改为",
    "应修改为",
    "应规范为",
    "应统一为",
    "须改为",
    "需改为",
    "要改为",
    "宜改为",
    "请改为",
    "改为",
    "改成",
    "更正为",
    "修改为",
    "修正为",
    "订正为",
    "更改为",
    "替换为",
    "规范为",
    "统一改为",
    "均应为",
    "都应为",
    "均改为",
    "均应改为",
    "正确写法",
    "正确表述",
    "正确的是",
    "是错误",
    "是错的",
    "为错误",
    "属错误",
    "属于错误",
    "系错误",
    "有误",
    "错误",
    "不正确",
    "不准确",
    "不规范",
    "不妥",
    "系笔误",
    "是笔误",
    "为笔误",
    "属笔误",
    "笔误",
    "系误写",
    "是误写",
    "不能写",
    "不应写",
    "不应使用",
    "不得使用",
    "不再使用",
    "不能使用",
    "是不规范",
    "是不对",
    "是不准确",
    "是不正确",
    "属于不规范",
    "属不规范",
    "等错误",
    "等错别字",
    "等不规范",
    "等表述错误",
    "等严重表述错误",
    "错别字",
    "错字",
    "之误",
    "的错误",
];

/// Words that may stand between a quoted form and what is said of it.
const NAMES_OF_FORMS: &[&str] = &[
    "的错误表述",
    "的错误写法",
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
    "字样",
    "处",
    "中的",
];

/// Labels in front of a form, quoted or not: 错误：Y　正确：X.
const WRONG_LABELS: &[&str] = &[
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
];

/// Marks in front of a form that say it is wrong.
const WRONG_MARKS: &[&str] = &["×", "✗", "✘", "❌", "╳"];

/// What, behind an unquoted form and in front of the canonical one, makes the line a correction.
const CORRECTIONS: &[&str] = &[
    "→",
    "->",
    "=>",
    "⇒",
    "➔",
    "➡",
    "——",
    "—>",
    "-->",
    "应为",
    "应是",
    "应作",
    "应改为",
    "应写作",
    "应写为",
    "改为",
    "请改为",
    "更正为",
    "修改为",
    "建议修改",
    "建议改为",
    "正确",
    "√",
    "✓",
    "✔",
    "✅",
];

/// Headers of the column that lists mistakes.
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
];

/// Headers of the column that lists what is right.
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
];

/// Remarks behind a form that its writer copied on purpose.
const SIC: &[&str] = &["原文如此", "原文照录", "sic", "原话如此"];

const OPEN: &[char] = &['“', '‘', '「', '『', '《', '〈', '【', '"', '\''];
const CLOSE: &[char] = &['”', '’', '」', '』', '》', '〉', '】', '"', '\''];

/// Whether the form at `m` in block `index` is mentioned, not used. `text` is the block in normal form.
pub(crate) fn is_mention(document: &Document, index: usize, text: &str, m: &Match<'_>) -> bool {
    let canonical: Vec<String> = m
        .rule
        .canonical
        .iter()
        .map(|c| fold(c).text().to_owned())
        .collect();
    let around = Context::new(text, m, &canonical);
    around.is_struck(document, index, m)
        || around.is_framed_quotation()
        || around.is_labelled()
        || around.is_corrected()
        || around.is_sic()
        || in_table_of_mistakes(document, index, &canonical)
}

/// A form with the text of its sentence before and behind it.
struct Context<'t> {
    before: &'t str,
    after: &'t str,
    canonical: &'t [String],
}

impl<'t> Context<'t> {
    fn new(text: &'t str, m: &Match<'_>, canonical: &'t [String]) -> Self {
        let sentence = sentence(text, &m.range);
        Self {
            before: &text[sentence.start..m.range.start],
            after: &text[m.range.end..sentence.end],
            canonical,
        }
    }

    fn is_struck(&self, document: &Document, index: usize, m: &Match<'_>) -> bool {
        let Some(built) = document.blocks[index].details() else {
            return false;
        };
        if built.struck.is_empty() {
            return false;
        }
        let original = fold(&built.text).original(&m.range);
        built
            .struck
            .iter()
            .any(|s| s.start <= original.start && original.end <= s.end)
    }

    /// 将“X”错写为“Y”, 不得使用“Y”“Z”, “Y”应为“X”, “Y”的说法不规范.
    fn is_framed_quotation(&self) -> bool {
        let Some((outside_before, outside_after)) = self.outside_quotation() else {
            return false;
        };
        let before = skip_quoted_items_back(outside_before);
        if ends_with_any(before, WRONG_FOLLOWS) || reports_writing(before) {
            return true;
        }
        let mut after = skip_quoted_items(outside_after);
        for _ in 0..2 {
            after = after.trim_start_matches(['，', ',', ' ', '：', ':', '（', '(', '\u{3000}']);
            if starts_with_any(after, WRONG_PRECEDES) {
                return true;
            }
            if let Some(name) = NAMES_OF_FORMS.iter().find(|n| after.starts_with(**n)) {
                after = &after[name.len()..];
            }
        }
        starts_with_any(after, WRONG_PRECEDES)
            || starts_with_any(after, &["→", "->", "=>", "⇒", "➔", "➡", "——"])
    }

    /// What stands outside the innermost quotation marks around the form, if there are any.
    fn outside_quotation(&self) -> Option<(&'t str, &'t str)> {
        let open = self.before.rfind(|c| OPEN.contains(&c))?;
        let inside = &self.before[open..];
        let mark = inside.chars().next()?;
        let is_twin = matches!(mark, '"' | '\'');
        let rest = &inside[mark.len_utf8()..];
        if rest.contains(|c| CLOSE.contains(&c)) {
            return None;
        }
        if is_twin && self.before.matches(mark).count() % 2 == 0 {
            return None;
        }
        let close = self.after.find(|c| CLOSE.contains(&c))?;
        if self.after[..close].contains(|c| OPEN.contains(&c) && !CLOSE.contains(&c)) {
            return None;
        }
        let behind = &self.after[close..];
        let len = behind.chars().next().map_or(0, char::len_utf8);
        Some((&self.before[..open], &behind[len..]))
    }

    /// 错误：Y　正确：X, ×Y, 【错误】Y.
    fn is_labelled(&self) -> bool {
        let before = self.before.trim_end_matches(|c: char| {
            c == ' ' || c == '\u{3000}' || c == '\t' || OPEN.contains(&c)
        });
        if ends_with_any(before, WRONG_MARKS) {
            return true;
        }
        // The label may stand before more than the form: 错误：学习Y精神　正确：学习X精神.
        let label_end = before.rfind(['：', ':', '】', ']', '］']);
        let Some(at) = label_end else {
            return false;
        };
        let label = before[..at]
            .trim_end()
            .trim_end_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
        let between = &before[at..];
        ends_with_any(label, WRONG_LABELS)
            && !self.before[at..].contains("正确")
            && (between.chars().count() <= 40)
            && label_stands_alone(label)
    }

    /// Y→X, Y（应为X）, Y 建议修改：X, and X，不写Y; both forms must stand in the sentence.
    fn is_corrected(&self) -> bool {
        let after = self.after.trim_start_matches(|c: char| {
            c.is_whitespace() || "（(，,：:”’」』》】\"'".contains(c)
        });
        if let Some(cue) = CORRECTIONS
            .iter()
            .filter(|c| after.starts_with(**c))
            .max_by_key(|c| c.len())
        {
            let rest = after[cue.len()..].trim_start_matches(|c: char| {
                c.is_whitespace() || "：:“‘「『《【\"'】为".contains(c)
            });
            if self.starts_with_canonical(rest) {
                return true;
            }
        }
        false
    }

    fn starts_with_canonical(&self, text: &str) -> bool {
        self.canonical.iter().any(|c| {
            // The correction may repeat some words around the form.
            text.find(c.as_str()).is_some_and(|at| {
                text[..at].chars().count() <= 8 && !text[..at].contains(['，', '。', '；'])
            })
        })
    }

    /// Y[原文如此]
    fn is_sic(&self) -> bool {
        let after = self
            .after
            .trim_start_matches(|c: char| c.is_whitespace() || CLOSE.contains(&c));
        after
            .strip_prefix(['[', '［', '（', '(', '〔', '【'])
            .is_some_and(|rest| starts_with_any(rest, SIC))
    }
}

/// Whether `text` ends by saying how something was written, without saying that it should be.
fn reports_writing(text: &str) -> bool {
    REPORTS
        .iter()
        .filter_map(|r| text.strip_suffix(r))
        .any(|head| !ends_with_any(head, PRESCRIBES))
}

/// Whether a label begins its line or clause, and is not the end of a longer word.
fn label_stands_alone(text: &str) -> bool {
    let Some(label) = WRONG_LABELS
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
fn skip_quoted_items_back(text: &str) -> &str {
    let mut text = text;
    loop {
        let trimmed =
            text.trim_end_matches(|c: char| c.is_whitespace() || "、，,和或及与：:了".contains(c));
        let Some(inner) = trimmed.strip_suffix(['”', '’', '」', '』', '》']) else {
            return trimmed;
        };
        let Some(open) = inner.rfind(['“', '‘', '「', '『', '《']) else {
            return trimmed;
        };
        // 将“X”错写为“Y”，“Z”错写为“W”: what precedes the item must be another item or the frame.
        text = &inner[..open];
    }
}

/// Takes further quoted items off the head: 、“B”等.
fn skip_quoted_items(text: &str) -> &str {
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

/// Whether the block is a cell of a table, or a line with tabs, that lists mistakes beside their corrections.
fn in_table_of_mistakes(document: &Document, index: usize, canonical: &[String]) -> bool {
    let block = &document.blocks[index];
    let BlockKind::Cell { table, row, column } = block.kind else {
        return false;
    };
    let cell = |offset: usize| document.blocks.get(offset).map(|b| (b, document.text(b)));
    let is_table = |b: &crate::document::Block| {
        b.part == block.part && matches!(b.kind, BlockKind::Cell { table: t, .. } if t == table)
    };
    let mut header_is_wrong = false;
    let mut has_right_column = false;
    // The table's cells are neighbours of this block; nested tables may stand between them.
    let back = (0..index)
        .rev()
        .take_while(|&at| document.blocks[at].part == block.part);
    for (b, text) in back.filter_map(cell).take(20_000) {
        if !is_table(b) {
            if matches!(b.kind, BlockKind::Cell { .. }) {
                continue;
            }
            break;
        }
        if let BlockKind::Cell {
            row: 1, column: c, ..
        } = b.kind
        {
            let header = text.trim();
            let short = header.chars().count() <= 12;
            if c == column && row > 1 && short && WRONG_COLUMNS.iter().any(|w| header.contains(w)) {
                header_is_wrong = !RIGHT_COLUMNS.iter().any(|r| header.starts_with(r));
            }
            if c != column && short && RIGHT_COLUMNS.iter().any(|r| header.contains(r)) {
                has_right_column = true;
            }
        }
    }
    if header_is_wrong && has_right_column {
        return true;
    }
    // A row that has the canonical form in another cell corrects this one, whatever its header says.
    let same_row = |b: &crate::document::Block| {
        is_table(b)
            && matches!(b.kind, BlockKind::Cell { row: r, column: c, .. } if r == row && c != column)
    };
    let from = index.saturating_sub(64);
    document.blocks[from..(index + 64).min(document.blocks.len())]
        .iter()
        .filter(|b| same_row(b))
        .any(|b| {
            let text = fold(document.text(b));
            let text = text.text().trim();
            canonical.iter().any(|c| {
                text.find(c.as_str())
                    .is_some_and(|_| text.chars().count() <= c.chars().count() + 12)
            })
        })
}

fn starts_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.starts_with(w))
}

fn ends_with_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.ends_with(w))
}
