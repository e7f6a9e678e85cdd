//! What is wrong inside one document, whatever it is about: what was left to be filled in, lists that do not count on, two
//! spellings of one name, annexes that are not there.

mod annexes;
mod numbering;
mod placeholders;
mod spellings;

use std::collections::BTreeMap;

use crate::config::Config;
use crate::diagnostic::{Message, Severity};
use crate::document::{Block, BlockKind, Document};
use crate::lexicon::FixMode;
use crate::linter::{LISTED, Match, Rule};
use crate::normal::fold;
use crate::rule::{Across, RuleInfo};

const CATEGORY: &str = "draft";

/// What `catalog` says about these rules.
pub(crate) const RULES: &[RuleInfo] = &[
    PLACEHOLDER,
    STAND_IN,
    NUMBERING,
    ARTICLES,
    SPELLING,
    ANNEX_MISSING,
    ANNEX_ABSENT,
    ANNEX_UNMENTIONED,
];

const PLACEHOLDER: RuleInfo = RuleInfo {
    id: "draft/placeholder",
    category: CATEGORY,
    severity: Severity::Warning,
    fix: FixMode::None,
    summary_zh: "留有没有填写的占位文字",
    summary_en: "text that was to be replaced is still there",
    source: "《党政机关公文处理工作条例》第十九条、第二十条",
    bad: &[
        "一、基本情况【待补充】。",
        "会议于XX年X月X日召开。",
        "（此处插入图片）",
        "联系人：TODO",
        "单击或点击此处输入文字。",
    ],
    good: &[
        "此处山高路险，请减速慢行。",
        "有关情况待核实后另行公布。",
        "2024年7月5日召开会议。",
        "格式为“XX年X月X日”。",
        "公文写作模板\n\n各单位于XX年X月X日前报送。",
    ],
};

const STAND_IN: RuleInfo = RuleInfo {
    id: "draft/stand-in",
    category: CATEGORY,
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "名称或者数字用“XX”“××”代替",
    summary_en: "XX stands where a name or a number belongs",
    source: "《党政机关公文处理工作条例》第十九条、第二十条",
    bad: &["请联系XX单位办公室。", "全年完成投资XXX万元。"],
    good: &["文件名为“XX单位+姓名”。", "请联系某某单位。"],
};

const NUMBERING: RuleInfo = RuleInfo {
    id: "draft/numbering",
    category: CATEGORY,
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "序号跳号或者重号",
    summary_en: "a numbered list skips a number, or has one twice",
    source: "《党政机关公文格式》（GB/T 9704—2012）7.3.3",
    bad: &[
        "一、总则\n\n二、职责\n\n四、附则",
        "1. 甲\n\n2. 乙\n\n2. 丙\n\n3. 丁",
    ],
    good: &[
        "一、总则\n\n（一）甲\n\n（二）乙\n\n二、职责\n\n（一）丙\n\n三、附则",
        "1. 甲\n\n2. 乙\n\n1. 丙\n\n2. 丁",
    ],
};

const ARTICLES: RuleInfo = RuleInfo {
    id: "draft/article-numbering",
    category: CATEGORY,
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "章节条文的序号跳号或者重号",
    summary_en: "the chapters or articles of a statute skip a number, or have one twice",
    source: "《行政法规制定程序条例》第六条",
    bad: &["第一条 甲。\n\n第二条 乙。\n\n第三条 丙。\n\n第五条 丁。"],
    good: &["第一章 总则\n\n第一条 甲。\n\n第二条 乙。\n\n第二章 附则\n\n第三条 丙。"],
};

const SPELLING: RuleInfo = RuleInfo {
    id: "draft/spelling",
    category: CATEGORY,
    severity: Severity::Warning,
    fix: FixMode::None,
    summary_zh: "同一机构或者同一文件的名称前后不一致",
    summary_en: "one body or title is spelled in two ways",
    source: "《党政机关公文处理工作条例》第十九条",
    bad: &["请送县农村产权交易中心。县农村产权交易中心负责登记。县农村产权交中心另行通知。"],
    good: &["请送县第一人民医院。县第一人民医院负责登记。县第二人民医院另行通知。"],
};

const ANNEX_MISSING: RuleInfo = RuleInfo {
    id: "draft/annex-missing",
    category: CATEGORY,
    severity: Severity::Warning,
    fix: FixMode::None,
    summary_zh: "正文提到的附件在附件说明中没有",
    summary_en: "an annex is mentioned that the list of annexes does not have",
    source: "《党政机关公文格式》（GB/T 9704—2012）7.3.4",
    bad: &["名单见附件1，表格见附件3。\n\n附件：1. 名单\n\n2. 表格"],
    good: &["名单见附件1，表格见附件2。\n\n附件：1. 名单\n\n2. 表格"],
};

const ANNEX_ABSENT: RuleInfo = RuleInfo {
    id: "draft/annex-absent",
    category: CATEGORY,
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "正文写有“见附件”，文中却没有附件说明，也没有附件",
    summary_en: "the text refers to an annex, and there is neither a list of annexes nor an annex",
    source: "《党政机关公文格式》（GB/T 9704—2012）7.3.4",
    bad: &["名单详见附件。\n\n特此通知。"],
    good: &["名单详见附件。\n\n附件：名单", "名单详见《通知》附件。"],
};

const ANNEX_UNMENTIONED: RuleInfo = RuleInfo {
    id: "draft/annex-unmentioned",
    category: CATEGORY,
    severity: Severity::Info,
    fix: FixMode::None,
    summary_zh: "附件说明列出的附件正文没有提到，而其他附件都提到了",
    summary_en: "an annex is listed that the text never mentions, though it mentions the others",
    source: "《党政机关公文格式》（GB/T 9704—2012）7.3.4",
    bad: &["名单见附件1，表格见附件3。\n\n附件：1. 名单\n\n2. 说明\n\n3. 表格"],
    good: &["现将名单印发给你们。\n\n附件：1. 名单\n\n2. 说明"],
};

/// The rules on a document as a whole.
#[derive(Debug)]
pub(crate) struct Drafts {
    placeholders: Option<placeholders::Placeholders>,
    numbering: numbering::Numbering,
    spellings: Option<spellings::Spellings>,
    annexes: annexes::Annexes,
}

impl Drafts {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            placeholders: placeholders::Placeholders::new(config),
            numbering: numbering::Numbering::new(config),
            spellings: spellings::Spellings::new(config),
            annexes: annexes::Annexes::new(config),
        }
    }

    /// What is wrong in a document, by block.
    pub(crate) fn find_across<'l>(
        &'l self,
        document: &Document,
        across: &mut BTreeMap<usize, Across<'l>>,
    ) {
        let mut found: Vec<(usize, Found<'l>)> = Vec::new();
        if let Some(placeholders) = &self.placeholders {
            placeholders.find(document, &mut found);
        }
        self.numbering.find(document, &mut found);
        if let Some(spellings) = &self.spellings {
            spellings.find(document, &mut found);
        }
        self.annexes.find(document, &mut found);
        for (index, found) in found {
            let text = document.text(&document.blocks[index]);
            let folded = fold(text);
            let range = folded.range_of(&found.range);
            if range.is_empty() {
                continue;
            }
            across.entry(index).or_default().matches.push(Match {
                rule: found.rule,
                // As the draft has it: no disguise.
                found: text[found.range].to_owned().into(),
                range,
                suggestions: found.suggestions.into(),
                message: Some(found.message),
                priority: LISTED - 1,
            });
        }
    }
}

/// Something wrong in a block.
struct Found<'l> {
    rule: &'l Rule,
    /// Where it stands in the block's text.
    range: std::ops::Range<usize>,
    message: Message,
    suggestions: Vec<String>,
}

/// Whether a block is part of the running text: lists and annexes are not looked for in tables, notes and headers.
fn is_prose(block: &Block) -> bool {
    matches!(
        block.kind,
        BlockKind::Paragraph | BlockKind::Heading(_) | BlockKind::ListItem
    )
}

#[cfg(test)]
mod tests {
    use crate::config::Config;
    use crate::document::{Document, ReadOptions};
    use crate::lexicon::Lexicon;
    use crate::linter::Linter;

    /// What the rules of these names find in a text.
    pub(crate) fn found(text: &str, names: &str) -> Vec<String> {
        let linter = Linter::new(&Lexicon::default(), &Config::default()).unwrap();
        let document =
            Document::parse("a.txt", text.as_bytes().to_vec(), &ReadOptions::default()).unwrap();
        let is_asked = |rule: &str| {
            let name = rule.strip_prefix("draft/");
            name.is_some_and(|name| names.split(' ').any(|n| n == name))
        };
        let diagnostics = linter.lint(&document).into_iter();
        diagnostics
            .filter(|d| is_asked(&d.rule))
            .map(|d| d.found)
            .collect()
    }
}
