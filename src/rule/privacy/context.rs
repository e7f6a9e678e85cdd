//! Whether the words around a value make it personal.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{number, table};
use crate::diagnostic::PersonalData;
use crate::document::{BlockKind, Document};

/// Words that announce a resident identity number.
pub(super) const RESIDENT_NUMBER: &[&str] = &[
    "身份证",
    "公民身份",
    "身份号码",
    "证件号",
    "居民证",
    "户口",
    "姓名",
];

/// Words of the name of a number by which a person is known.
pub(super) const PERSONAL: &[&str] = &["身份", "证件", "残疾", "居民", "姓名"];

/// Words that announce a bank card.
#[rustfmt::skip]
pub(super) const CARD: &[&str] = &[
    "卡号", "银行卡", "储蓄卡", "借记卡", "信用卡", "贷记卡", "工资卡", "一卡通", "惠农卡", "社保卡", "市民卡", "存折", "银行账号",
    "银行帐号",
];

/// Words that announce an account, which may be an office's.
pub(super) const ACCOUNT: &[&str] = &[
    "账号",
    "帐号",
    "账户",
    "帐户",
    "银行",
    "开户",
    "收款",
    "汇款",
    "信用社",
];

/// Words that announce a number of another kind.
#[rustfmt::skip]
pub(super) const OTHER_NUMBER: &[&str] = &[
    "订单", "单号", "流水", "编号", "编码", "代码", "运单", "快递", "物流", "交易号", "项目", "合同", "票号", "批号", "序列号", "案号",
    "受理号", "条码", "凭证", "文号", "许可证", "备案号", "登记号", "证书号", "缴款码", "识别码", "唯一码", "标识码",
];

pub(super) const PASSPORT: &str = "护照";

/// Certificates whose numbers begin with the resident number.
pub(super) const DISABILITY: &str = "残疾";

/// Words that announce a permit of people from Hong Kong, Macao or Taiwan, or one to go there.
#[rustfmt::skip]
pub(super) const PERMIT: &[&str] = &[
    "通行证", "回乡证", "台胞证", "往来港澳", "往来台湾",
];

/// The permit whose numbers are digits only.
pub(super) const TAIWAN_PERMIT: &[&str] = &["台胞证", "大陆通行证"];

/// Words for a person whom an office has to do with; a name must follow.
#[rustfmt::skip]
const SUBJECTS: &[&str] = &[
    "姓名", "申请人", "投诉人", "举报人", "信访人", "来访人", "来信人", "反映人", "当事人", "被处罚人", "处罚对象", "受害人", "被害人",
    "受害者", "嫌疑人", "被告人", "被告", "原告", "被执行人", "申请执行人", "失信人", "患者", "病人", "病例", "死者", "伤者", "家长",
    "监护人", "学生", "考生", "户主", "村民", "居民", "业主", "车主", "驾驶人", "驾驶员", "所有人", "借款人", "持卡人", "贫困户",
    "脱贫户", "低保户", "低保对象", "救助对象", "补助对象", "帮扶对象", "特困人员", "五保户", "残疾人", "孤儿", "老人", "本人", "妻子",
    "丈夫", "其妻", "其夫", "其子", "其女", "父亲", "母亲", "儿子", "女儿", "亲属", "家属", "报名人", "来电人", "诉求人", "网民",
    "违法行为人", "违法人员", "行为人", "承租人", "购房人", "买受人", "被征收人", "产权人", "权利人", "拟录用人员", "应聘人员", "求职者",
    "受益人", "领取人", "收件人", "签收人", "寄件人", "收款人", "职工", "员工", "务工人员", "密接者", "接触者", "感染者", "乘客",
    "困难群众", "监测对象", "监测户", "农户", "住户", "租户", "退役军人", "参保人", "被保险人", "投保人", "学员", "毕业生",
];

/// Words for a line or a contact that is meant to be known.
#[rustfmt::skip]
const PUBLIC: &[&str] = &[
    "联系人", "咨询", "热线", "监督", "举报", "投诉", "办公电话", "值班", "服务电话", "报名", "受理", "客服", "传真", "技术支持",
    "维修", "救援", "负责人", "经办人", "承办人", "接待", "公开电话", "公示电话", "业务电话", "求助", "报警", "对外", "法定代表人",
    "采购人", "招标", "代理机构", "项目经理",
];

/// Posts and offices: who is listed with one is listed as its holder.
#[rustfmt::skip]
const POSTS: &[&str] = &[
    "局长", "主任", "科长", "书记", "镇长", "县长", "市长", "区长", "乡长", "处长", "院长", "校长", "所长", "站长", "股长", "队长",
    "部长", "厅长", "主席", "河长", "林长", "网格员", "值班", "专干", "干事", "经理", "总监", "委员", "政府", "办公室",
];

/// The family names of nearly all people.
pub(crate) const FAMILY_NAMES: &str = "\
王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范\
方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦\
申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜肖詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单\
包司柏宁柯阮桂闵解强丘华车冉房边辜吉饶刁瞿戚丰古米池滕晋苑邬臧畅宫来嵺苟全褚廉简娄盖符奚木穆党燕郎邸冀谈姬屠连郜晏栾郁商蒙\
计喻揭窦迟宇敖糜鄢冷卓花仇艾蓝都巩稽井练仲乐虞卞封竺冼原官衣楚佟栗匡宗应台巫鞠僧桑荆谌银扬明沙薄伏岑习胥保和蔺";

const LONG_FAMILY_NAMES: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "令狐", "慕容", "尉迟", "公孙", "端木", "南宫",
];

/// What names of places and offices end with, however they begin.
const NOT_NAMES: &str = "区县市镇乡村街办局委会部站所院校组队厂科室店社司处中心厅园馆路号楼省州盟旗庄湾沟桥河湖山岭坡屯堡寨里巷段层证码人员话机";

/// What is known about the surroundings of what stands in a block.
pub(super) struct Surroundings {
    /// What is said in front of a table cell: its row's label and its column's header.
    label: String,
    /// Lines that are rows of a list of people.
    rows: Vec<Range<usize>>,
}

impl Surroundings {
    /// Whether one of `words` stands shortly in front of a place, or is its label.
    pub(super) fn speaks_of(&self, text: &str, at: usize, words: &[&str]) -> bool {
        let before = last_chars(&text[..at], 40);
        words
            .iter()
            .any(|w| before.contains(w) || self.label.contains(w))
    }

    /// Whether one of `words` stands in the text, or is its label.
    pub(super) fn mentions(&self, text: &str, words: &[&str]) -> bool {
        words
            .iter()
            .any(|w| text.contains(w) || self.label.contains(w))
    }

    /// Whether one of `words` stands directly in front of a place, perhaps with 号码 and a colon behind it.
    pub(super) fn is_labelled(&self, text: &str, at: usize, words: &[&str]) -> bool {
        let before = text[..at]
            .trim_end_matches(|c: char| c.is_whitespace() || "：:（(为是号码编“".contains(c));
        words
            .iter()
            .any(|w| before.ends_with(w) || self.label.contains(w))
    }

    /// Whether the words right in front of a place, or else its label, name a number by one of `words` and have no
    /// `others`.
    pub(super) fn is_called(&self, text: &str, at: usize, words: &[&str], others: &[&str]) -> bool {
        let before = last_chars(&text[..at], 12);
        let clause = before
            .rsplit(|c: char| "，。；、,;\n\t".contains(c))
            .next()
            .unwrap_or_default();
        let name = if clause.chars().any(is_han) {
            clause
        } else {
            &self.label
        };
        let names = |words: &[&str]| words.iter().any(|w| name.contains(w));
        names(words) && !names(others)
    }

    /// Whether what stands at a place belongs to a person, not to an office.
    pub(super) fn is_personal(&self, text: &str, at: usize) -> bool {
        let next = self.rows.partition_point(|row| row.end <= at);
        if self.rows.get(next).is_some_and(|row| row.start <= at) {
            return true;
        }
        let line = line_of(text, at);
        let at_in_line = at - line.start;
        let line = &text[line];
        if is_public_link(line) {
            return false;
        }
        if is_behind_masked_name(&text[..at]) {
            return true;
        }
        // 申请人：李四, and on the next line 联系电话：…; but not beyond the end of a sentence.
        let before = last_chars(&text[..at], 80);
        let before = before.rsplit('。').next().unwrap_or(before);
        let subject = last_subject(before);
        let public = last_public(before);
        match (subject, public) {
            (Some(subject), Some(public)) => subject > public,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => {
                has_resident_number(line)
                    || names_in_a_row(line, at_in_line)
                    || is_followed_by_subject(&line[at_in_line..])
            }
        }
    }
}

/// The surroundings of candidate blocks.
pub(super) fn surroundings(
    document: &Document,
    candidates: &[usize],
    mut labels: BTreeMap<usize, String>,
) -> Vec<(usize, Surroundings)> {
    let mut rows: Vec<(usize, Range<usize>)> = Vec::new();
    for &index in candidates {
        let block = &document.blocks[index];
        if matches!(block.kind, BlockKind::Cell { .. }) {
            continue;
        }
        let text = document.text(block);
        let lines = lines(text).filter(|line| is_row(&text[line.clone()]));
        rows.extend(lines.map(|line| (index, line)));
    }
    // A row has another one next to it: in the same block, or in one of the blocks beside it.
    let listed = |n: usize| {
        let near = |m: usize| {
            rows.get(m)
                .is_some_and(|r: &(usize, _)| r.0.abs_diff(rows[n].0) <= 1)
        };
        near(n + 1) || n > 0 && near(n - 1)
    };
    let mut by_block: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for (n, (block, line)) in rows.iter().enumerate() {
        if listed(n) || stands_alone(document, *block, line) {
            by_block.entry(*block).or_default().push(line.clone());
        }
    }
    candidates
        .iter()
        .map(|&index| {
            let around = Surroundings {
                label: labels.remove(&index).unwrap_or_default(),
                rows: by_block.remove(&index).unwrap_or_default(),
            };
            (index, around)
        })
        .collect()
}

/// 车牌号：京A12345，车主：李某某: whom the value belongs to is said behind it, in the same sentence.
fn is_followed_by_subject(behind: &str) -> bool {
    const FAR: usize = 30;
    let end = behind
        .char_indices()
        .nth(FAR)
        .map_or(behind.len(), |(at, _)| at);
    let sentence = behind[..end]
        .split(['。', '；', ';'])
        .next()
        .unwrap_or_default();
    last_subject(sentence).is_some() && last_public(sentence).is_none()
}

/// What stands between the name of a person and the value: ，手机号：
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "手机号码", "手机号", "手机", "移动电话", "联系电话", "联系方式", "电话号码", "电话", "电子邮箱", "电子邮件", "邮箱", "邮件", "车牌号码",
    "车牌号", "车牌", "号牌",
];

/// People who are addressed so are contacts.
const ADDRESSED: &[&str] = &[
    "老师", "师傅", "医生", "律师", "先生", "女士", "小姐", "同志", "工",
];

/// Whether a row needs no other one beside it: it begins with the name, and nothing in front of it announces a contact.
fn stands_alone(document: &Document, block: usize, line: &Range<usize>) -> bool {
    let text = document.text(&document.blocks[block]);
    let is_mark = |c: char| c.is_whitespace() || c.is_ascii_digit() || "、.．（()）-—·".contains(c);
    let head = text[line.clone()].trim_start_matches(is_mark);
    let name = tokens(head).next().filter(|t| head.starts_with(t));
    let begins_with_name = name.is_some_and(is_name);
    let is_addressed = name.is_some_and(|n| ADDRESSED.iter().any(|w| n.ends_with(w)));
    let is_mark = |c: char| c.is_whitespace() || "，,：:（(、；;+".contains(c);
    let behind_name = head.trim_start_matches(is_han).trim_start_matches(is_mark);
    let label = LABELS.iter().find_map(|w| behind_name.strip_prefix(w));
    let value = match label {
        Some(rest) if !is_addressed => rest.trim_start_matches(is_mark),
        _ => behind_name,
    };
    let is_direct = value.starts_with(|c| number::digit(c).is_some())
        || [PersonalData::Plate, PersonalData::Email]
            .iter()
            .any(|kind| {
                super::shaped(value, *kind)
                    .iter()
                    .any(|v| v.range.start == 0)
            });
    let announced = |text: &str| {
        let last = last_chars(text, 60);
        last.contains("联系") || last.contains("电话") || last_public(last).is_some()
    };
    let before = block
        .checked_sub(1)
        .map(|n| document.text(&document.blocks[n]));
    begins_with_name
        && is_direct
        && !announced(&text[..line.start])
        && !before.is_some_and(announced)
}

/// A name with a mobile number, a plate or a mailbox, and nothing that makes it a contact.
fn is_row(line: &str) -> bool {
    const LONG: usize = 400;
    let holds = |kind| !super::shaped(line, kind).is_empty();
    // What is rare is looked for first.
    line.len() <= LONG
        && (has_mobile(line)
            || line.contains(table::PLATE_PROVINCES) && holds(PersonalData::Plate)
            || line.contains(['@', '＠']) && holds(PersonalData::Email))
        && tokens(line).any(is_name)
        && !PUBLIC.iter().chain(POSTS).any(|w| line.contains(w))
        && !is_public_link(line)
}

fn has_mobile(line: &str) -> bool {
    const DIGITS: usize = 11;
    let digits = line.chars().filter(|c| number::digit(*c).is_some());
    digits.count() >= DIGITS
        && number::runs(line)
            .iter()
            .any(|run| (0..run.groups.len()).any(|n| run.windows(n).any(|w| w.is_mobile())))
}

/// 张三（13812345678）、李四（13912345678）: at least two names, each with a number directly behind it.
fn names_in_a_row(line: &str, at: usize) -> bool {
    let mut count = 0;
    let mut is_named = false;
    for run in number::runs(line) {
        for n in 0..run.groups.len() {
            let Some(window) = run.windows(n).find(number::Window::is_mobile) else {
                continue;
            };
            let before = line[..window.range.start]
                .trim_end_matches(|c: char| c.is_whitespace() || "（(：:".contains(c));
            if before.ends_with(is_han) && tokens(before).last().is_some_and(is_name) {
                count += 1;
                is_named |= window.range.start == at;
            }
        }
    }
    is_named && count >= 2 && last_public(line).is_none()
}

/// The end of the last word for a person that has a name behind it.
fn last_subject(text: &str) -> Option<usize> {
    let named = |at: usize, word: &str| {
        let behind = &text[at + word.len()..];
        let is_contact = word == "姓名"
            && ["联系人", "负责人", "经办人", "代表人"]
                .iter()
                .any(|w| text[..at].ends_with(w));
        let between = |c: char| c.is_whitespace() || "：:、，（(为是系“".contains(c);
        let head = behind
            .trim_start_matches("姓名")
            .trim_start_matches(between);
        let name: String = head.chars().take_while(|c| is_han(*c)).take(4).collect();
        let starts_a_name = (2..=4).any(|len| {
            let short: String = name.chars().take(len).collect();
            short.chars().count() == len && is_name(&short)
        });
        (!is_contact && (starts_a_name || is_masked_name(head))).then_some(at + word.len())
    };
    let subjects = SUBJECTS
        .iter()
        .flat_map(|w| text.match_indices(w))
        .filter_map(|(at, word)| named(at, word));
    let sexes = [
        "，男，",
        "，女，",
        "，男、",
        "，女、",
        "（男）",
        "（女）",
        "(男)",
        "(女)",
    ]
    .iter()
    .filter_map(|w| Some(text.rfind(w)? + w.len()));
    subjects.chain(sexes).max()
}

/// The start of the last word for a line or contact that is meant to be known.
fn last_public(text: &str) -> Option<usize> {
    PUBLIC
        .iter()
        .flat_map(|w| text.match_indices(w))
        .filter(|(at, word)| {
            // 举报人, 投诉人 are people.
            let behind = &text[at + word.len()..];
            !behind.starts_with('人')
        })
        .map(|(at, _)| at)
        .max()
}

/// Whether a line holds a resident number, masked or not.
fn has_resident_number(line: &str) -> bool {
    ["身份证", "公民身份"].iter().any(|w| line.contains(w))
        || number::runs(line).iter().any(|run| {
            (0..run.groups.len()).any(|n| {
                run.windows(n).any(|w| {
                    w.digits.len() == 18 && crate::rule::checks::is_resident_number(&w.digits)
                })
            })
        })
}

/// Numbers in links are no telephone numbers.
fn is_public_link(line: &str) -> bool {
    line.contains("://") || line.contains("www.")
}

/// Words between blanks, punctuation, digits and letters.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !is_han(c)).filter(|t| !t.is_empty())
}

/// 张某, 李某某, 王*: a name of which a part is hidden.
fn is_masked_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| FAMILY_NAMES.contains(c))
        && chars
            .next()
            .is_some_and(|c| matches!(c, '某' | '*' | '×' | '＊'))
}

/// 罗某（, 王某某，电话：: who hides a name speaks of a person, not of an office.
fn is_behind_masked_name(text: &str) -> bool {
    let is_mark = |c: char| c.is_whitespace() || "，,：:（(、".contains(c);
    let before = text.trim_end_matches(is_mark);
    let label = LABELS.iter().find_map(|w| before.strip_suffix(w));
    let before = label.map_or(before, |rest| rest.trim_end_matches(is_mark));
    let mut chars = before.chars().rev().skip_while(|c| *c == '某');
    before.ends_with('某') && chars.next().is_some_and(|c| FAMILY_NAMES.contains(c))
}

/// Whether a word looks like the name of a person.
pub(super) fn is_name(word: &str) -> bool {
    let count = word.chars().count();
    let (first, last) = (word.chars().next(), word.chars().next_back());
    let long = LONG_FAMILY_NAMES.iter().any(|n| word.starts_with(n));
    let family = long || first.is_some_and(|c| FAMILY_NAMES.contains(c));
    let len = if long { 3..=4 } else { 2..=3 };
    family && len.contains(&count) && !last.is_some_and(|c| NOT_NAMES.contains(c))
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3400}'..='\u{4DBF}' | '·')
}

/// The last characters of a text.
fn last_chars(text: &str, count: usize) -> &str {
    let start = text.char_indices().rev().nth(count - 1);
    &text[start.map_or(0, |(at, _)| at)..]
}

/// The lines of a text, as byte ranges.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut start = 0;
    text.split(['\n', '\r']).map(move |line| {
        let range = start..start + line.len();
        start = range.end + 1;
        range
    })
}

/// The line around a place, as far as it can matter.
fn line_of(text: &str, at: usize) -> Range<usize> {
    const FAR: usize = 200;
    let is_break = |c| c == '\n' || c == '\r';
    let first = at - last_chars(&text[..at], FAR).len();
    let last = text[at..].char_indices().nth(FAR);
    let last = last.map_or(text.len(), |(n, _)| at + n);
    let start = text[first..at]
        .rfind(is_break)
        .map_or(first, |n| first + n + 1);
    let end = text[at..last].find(is_break).map_or(last, |n| at + n);
    start..end
}
