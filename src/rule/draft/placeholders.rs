//! What was left to be filled in: 【待补充】, 此处插入, XX年X月, TODO, lorem ipsum.

use memchr::{memchr, memchr3};
use regex::Regex;

use super::{Found, PLACEHOLDER, STAND_IN};
use crate::config::Config;
use crate::diagnostic::Message;
use crate::document::Document;
use crate::linter::Rule;
use crate::normal::tables::is_han;
use crate::rule::privacy::FAMILY_NAMES;
use crate::rule::signs::Signs;

/// What a text with a placeholder holds, if it has no X, no _ and no {; nearly all text has none of these.
const SIGNS: &[&str] = &[
    "ＸＸ",
    "××",
    "Ｘ年",
    "×年",
    "Ｘ月",
    "×月",
    "【",
    "［",
    "[请",
    "[填",
    "[补",
    "[插",
    "[输",
    "[添",
    "待补",
    "待填",
    "待完善",
    "待插入",
    "待核",
    "待确认",
    "此处",
    "在此键入",
    "请在此",
    "×号",
    "<请",
    "＜请",
    "TODO",
    "FIXME",
    "TBD",
    "orem ipsum",
];

/// What is certainly left over.
const LEFT_OVER: &str = r"(?x)
    [【\[［（(〔]\s* (?:此处|这里)? (?:请)? (?:待补充|待补|待填写|待填|待完善|待插入|待核实|待确认|插入|补充|填写|添加|输入)
        [^】\]］）)〕\n]{0,20} [】\]］）)〕]
    | 【\s*(?:待定|此处|请在此)[^】\n]{0,20}】
    | 此处(?:插入|补充|添加)(?:图|表|文字|内容|链接|附件|照片|数据|正文|标题|具体)[^，。；、\n]{0,8}
    | (?:单击|点击|单击或点击)(?:或点击)?此处(?:可)?(?:输入|添加|编辑|键入|插入)[^。；\n]{0,8}
    | 在此(?:处)?键入[^。；，\n]{0,8}
    | 请在此(?:处)?(?:输入|键入|插入)(?:正文|标题|内容|文字|文本|图|表)[^。；，\n]{0,8}
    | [<＜]请(?:输入|填写|插入|在此)[^>＞\n]{0,20}[>＞]
    | \{\{\s*\p{Han}[^{}\n]{0,20}\}\}
    | [〔\[［（(](?:19|20)[0-9XxＸ×]{2}[〕\]］）)]\s*[XxＸ×]+\s*号
    | \b(?:TODO|FIXME|TBD)\b
    | (?i:lorem\ ipsum)
";

/// A date with X or × for its numbers.
const DATE: &str = r"(?x)
    (?:[XxＸ]{2,4}|×{2}|(?:19|20)[0-9]?[XxＸ×]{1,2})\s*年 (?:\s*[0-9XxＸ×]{1,2}\s*月 (?:\s*[0-9XxＸ×]{1,2}\s*日)?)?
    | [XxＸ×]\s*年\s*[0-9XxＸ×]{1,2}\s*月 (?:\s*[0-9XxＸ×]{1,2}\s*日)?
    | (?:[0-9]{4}\s*年\s*)? [XxＸ×]{1,2}\s*月 (?:\s*[0-9XxＸ×]{1,2}\s*日)
    | (?:[0-9]{4}\s*年\s*)? [XxＸ×]{2}\s*月
    | [0-9]{1,2}\s*月\s*[XxＸ×]{1,2}\s*日
";

/// A name or a number for which XX stands.
const STANDING_IN: &str = r"[XxＸ]{2,}|×{2,}|_{2,}";

/// Words in the title of a document, or above a part of it, that is to be filled in by others.
const TEMPLATES: &[&str] = &[
    "模板",
    "范本",
    "示范文本",
    "样本",
    "样式",
    "格式",
    "参考文本",
    "示例",
    "样例",
    "范例",
    "例文",
    "填写说明",
    "样表",
    "文书",
    "合同",
    "协议书",
    "申请表",
    "承诺书",
    "责任书",
    "登记表",
    "编号规则",
];

/// Words of a sentence that says how something is to be written.
const ABOUT_WRITING: &[&str] = &[
    "格式", "样式", "字样", "示例", "例如", "比如", "如：", "如:", "命名", "标注", "写明", "填写",
    "注明", "代替", "表示", "用“", "为“", "以“", "即“", "如“", "匿名",
];

/// A title, or a line above a part, has no more characters than this.
const TITLE: usize = 40;

/// More names that are left open than this make a form of a document.
const FORM: usize = 12;

#[derive(Debug)]
pub(crate) struct Placeholders {
    signs: Signs,
    left_over: Regex,
    date: Regex,
    standing_in: Regex,
    placeholder: Option<Rule>,
    stand_in: Option<Rule>,
}

impl Placeholders {
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let (placeholder, stand_in) = (PLACEHOLDER.rule(config), STAND_IN.rule(config));
        (placeholder.is_some() || stand_in.is_some()).then_some(())?;
        Some(Self {
            signs: Signs::new(SIGNS)?,
            left_over: Regex::new(LEFT_OVER).ok()?,
            date: Regex::new(DATE).ok()?,
            standing_in: Regex::new(STANDING_IN).ok()?,
            placeholder,
            stand_in,
        })
    }

    pub(crate) fn find<'l>(&'l self, document: &Document, found: &mut Vec<(usize, Found<'l>)>) {
        // Looked for when the first letter stands in for something.
        let mut template: Option<usize> = None;
        let mut stand_ins = Vec::new();
        for (index, block) in document.blocks.iter().enumerate() {
            let text = document.text(block);
            // Signs of one or two bytes would slow down the search for the others.
            let bytes = text.as_bytes();
            let has_letter = memchr3(b'X', b'x', b'_', bytes).or_else(|| memchr(b'{', bytes));
            if has_letter.is_none() && !self.signs.are_in(text) {
                continue;
            }
            let mut taken: Vec<std::ops::Range<usize>> = Vec::new();
            if let Some(rule) = &self.placeholder {
                for m in self.left_over.find_iter(text) {
                    taken.push(m.range());
                    found.push((index, placeholder(rule, m.range(), text)));
                }
            }
            let template = *template.get_or_insert_with(|| template_begins(document));
            if index >= template {
                continue;
            }
            if let Some(rule) = &self.placeholder {
                for m in self.date.find_iter(text) {
                    if is_free(text, &m.range()) && !is_about_writing(text, &m.range()) {
                        taken.push(m.range());
                        found.push((index, placeholder(rule, m.range(), text)));
                    }
                }
            }
            if let Some(rule) = &self.stand_in {
                for m in self.standing_in.find_iter(text) {
                    let own = m.range();
                    let overlaps = taken.iter().any(|t| t.start < own.end && own.start < t.end);
                    if !overlaps && stands_for_a_word(text, &own) && !is_about_writing(text, &own) {
                        stand_ins.push((index, placeholder(rule, own, text)));
                    }
                }
            }
        }
        if stand_ins.len() <= FORM {
            found.append(&mut stand_ins);
        }
    }
}

fn placeholder<'l>(rule: &'l Rule, range: std::ops::Range<usize>, text: &str) -> Found<'l> {
    Found {
        rule,
        message: Message::Placeholder {
            found: text[range.clone()].to_owned(),
        },
        range,
        suggestions: Vec::new(),
    }
}

/// The first block of the part that is a template, or the number of blocks.
fn template_begins(document: &Document) -> usize {
    let is_template = |text: &str| {
        text.chars().nth(TITLE).is_none() && TEMPLATES.iter().any(|w| text.contains(w))
    };
    if is_template(&document.name) {
        return 0;
    }
    let mut blocks = document.blocks.iter();
    blocks
        .position(|block| {
            let text = document.text(block);
            let first = text.lines().next().unwrap_or_default();
            !first.ends_with(['。', '；', '，', '：']) && is_template(first)
        })
        .unwrap_or(document.blocks.len())
}

/// Whether no letter or digit touches it: 610326XXXX1234 is masked, not left open.
fn is_free(text: &str, range: &std::ops::Range<usize>) -> bool {
    let touches = |c: char| c.is_ascii_alphanumeric() || "*＊×XＸ第-_./@".contains(c);
    !text[..range.start].ends_with(touches) && !text[range.end..].starts_with(touches)
}

/// Whether Han characters stand beside it, so that it takes the place of a name or a number in a Chinese sentence.
fn stands_for_a_word(text: &str, range: &std::ops::Range<usize>) -> bool {
    let (before, after) = (&text[..range.start], &text[range.end..]);
    if !is_free(text, range) || is_masked_name(before, after) {
        return false;
    }
    // A line is drawn for a hand to write on, unless a sentence goes on behind it.
    if text[range.clone()].starts_with('_') {
        return before.ends_with(is_han) && after.starts_with(is_han);
    }
    let label = before.strip_suffix(['：', ':']);
    before.ends_with(is_han)
        || after.starts_with(is_han) && !after.starts_with("染色体")
        || label.is_some_and(|l| l.ends_with(is_han))
}

/// 被告人王××, 李××（化名）: what is left of a name is its family name, and nothing goes on behind it.
fn is_masked_name(before: &str, after: &str) -> bool {
    before.ends_with(|c| FAMILY_NAMES.contains(c)) && !after.starts_with(is_han)
}

/// Whether the sentence says how something is written, or shows it in quotation marks.
fn is_about_writing(text: &str, range: &std::ops::Range<usize>) -> bool {
    let around = crate::resolve::sentence(text, range);
    let (before, after) = (
        &text[around.start..range.start],
        &text[range.end..around.end],
    );
    ABOUT_WRITING.iter().any(|w| before.contains(w))
        || before.rfind('“') > before.rfind('”') && after.contains('”')
}

#[cfg(test)]
mod tests {
    use crate::rule::draft::tests::found;

    #[test]
    fn what_was_left_to_be_filled_in() {
        for (text, want) in [
            ("一、基本情况【待补充】", "【待补充】"),
            ("（此处插入图片）", "（此处插入图片）"),
            ("[请填写联系人]", "[请填写联系人]"),
            ("【此处填写会议名称】", "【此处填写会议名称】"),
            ("见下图（待插入）", "（待插入）"),
            ("此处插入数据表", "此处插入数据表"),
            ("单击此处添加标题", "单击此处添加标题"),
            ("Lorem ipsum dolor", "Lorem ipsum"),
            ("联系人：TODO", "TODO"),
            ("2024年X月X日", "2024年X月X日"),
            ("20XX年9月10日", "20XX年9月10日"),
            ("××年×月×日", "××年×月×日"),
            ("202X年", "202X年"),
            ("9月XX日召开会议", "9月XX日"),
            ("XX月XX日召开会议", "XX月XX日"),
            ("由XX局牵头", "XX"),
            ("投资XXX万元", "XXX"),
            ("××同志任组长", "××"),
            ("联系人：XXX", "XXX"),
            ("共投入资金____万元", "____"),
            ("国发〔2024〕××号", "〔2024〕××号"),
            ("眉政发〔202X〕X号", "〔202X〕X号"),
            ("请在此处输入正文", "请在此处输入正文"),
            ("各{{单位名称}}：", "{{单位名称}}"),
            ("<请填写标题>", "<请填写标题>"),
        ] {
            assert_eq!(found(text, "placeholder stand-in"), [want], "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_it() {
        for text in [
            "此处山高路险。",
            "有关情况待核实后公布。",
            "时间另行通知（待定）。",
            "身份证号610326XXXXXXXX1234。",
            "车牌陕CXX123。",
            "尺寸为3××5。",
            "文件名格式为XX单位+姓名。",
            "用“××”代替姓名。",
            "Exxon公司",
            "第XX届运动会",
            "XX@xx.com",
            "申请书范本\n\n我是XX村村民。",
            "【解说】今天是晴天。",
            "（补充规定见附件）",
            "TODOS",
            "被告人王××，男，汉族。",
            "李××（化名）参加。",
            "XX染色体",
            "签名：____  日期：____",
            "请在此处填写您的意见",
            "当x<请求数>时",
        ] {
            let found = found(text, "placeholder stand-in");
            assert!(found.is_empty(), "{text}: {found:?}");
        }
    }
}
