//! A name that was right once: 国土资源部 in a sentence about 2015 is no mistake, nor is a repealed title in 《》.

use jiff::civil::Date;

use crate::linter::Match;
use crate::resolve::sentence;

/// Words that set a sentence in the past.
#[rustfmt::skip]
const PAST: &[&str] = &[
    "时任", "曾", "当时", "原任", "历任", "前任", "前身", "更名", "改名", "改称", "改组", "撤销", "合并", "并入", "组建",
    "划转", "废止", "失效", "修订前", "修改前", "施行前", "施行之前", "实施前", "机构改革前", "改革前", "截至当年", "同年",
    "此前", "以前", "过去", "历史", "沿革", "先后", "最初", "起初",
];

/// Words right in front of the form that say it is the former one.
const FORMER: &[&str] = &["原", "前", "旧", "时为"];

/// What stands in front of the title of a statute that a draft rests on.
const BASES: &[&str] = &[
    "根据", "依据", "依照", "按照", "遵照", "执行", "贯彻", "落实", "遵守", "违反", "符合",
];

/// What follows such a title, perhaps behind 等法律法规.
#[rustfmt::skip]
const RESTING: &[&str] = &[
    "第", "规定", "的规定", "有关规定", "的有关规定", "相关规定", "的相关规定", "要求", "的要求", "处理", "办理", "执行", "制定", "管理",
    "承担", "补偿", "追究", "处罚", "提供", "进行", "开展", "实施",
];

/// What was done under a statute while it was in force.
#[rustfmt::skip]
const DONE: &[&str] = &[
    "设立", "领取", "取得", "签订", "登记的", "批准", "颁发", "注册", "成立", "作出", "判决", "裁定", "审理", "起诉", "提起", "受理",
    "认定",
];

/// Whether a form past its `valid_until` stands where it was right: in 《》, behind 原, or in a sentence about the past.
pub(crate) fn is_historical(text: &str, m: &Match<'_>) -> bool {
    let Some(last_day) = m.rule.entry.valid_until else {
        return false;
    };
    let around = sentence(text, &m.range);
    let (before, after) = (
        &text[around.start..m.range.start],
        &text[m.range.end..around.end],
    );
    let found = &text[m.range.clone()];
    let in_title = found.starts_with('《')
        || before.rfind('《') > before.rfind('》')
            && after.find('》') < after.find('《').or(Some(usize::MAX))
            && after.contains('》');
    let head = before
        .trim_end_matches(['“', '《', '（', '(', ' '])
        .trim_end_matches("中华人民共和国")
        .trim_end_matches(['“', '《', '（', '(', ' ']);
    in_title && !is_relied_on(before, after)
        || FORMER.iter().any(|w| head.ends_with(w))
        || PAST.iter().any(|w| before.contains(w) || after.contains(w))
        || years(&text[around]).any(|year| was_right_in(year, last_day))
}

/// Whether a draft rests on the statute whose title stands between the two: 根据《甲法》《乙法》第三条的规定，制定本办法.
fn is_relied_on(before: &str, after: &str) -> bool {
    if DONE.iter().any(|w| after.contains(w)) {
        return false;
    }
    let mut behind = after.trim_start_matches('》');
    let mut rest = before
        .trim_end_matches("中华人民共和国")
        .trim_end_matches('《');
    // Other titles may stand before it and behind it.
    const JOINTS: [char; 6] = ['、', '和', '与', '及', '以', ' '];
    while let Some((title, more)) = behind
        .trim_start_matches(JOINTS)
        .strip_prefix('《')
        .and_then(|inner| inner.split_once('》'))
        && !title.contains('《')
    {
        behind = more;
    }
    while let Some(open) = rest
        .trim_end_matches(JOINTS)
        .strip_suffix('》')
        .and_then(|inner| inner.rfind('《'))
    {
        rest = &rest[..open];
    }
    let behind = behind
        .trim_start_matches('等')
        .trim_start_matches("有关")
        .trim_start_matches("法律")
        .trim_start_matches('、')
        .trim_start_matches("法规")
        .trim_start_matches("规章");
    let rests = behind.starts_with(['，', '。', '；', '等'])
        || behind.is_empty()
        || RESTING.iter().any(|w| behind.starts_with(w));
    rests && BASES.iter().any(|w| rest.ends_with(w))
}

/// Whether a form that was right until `last_day` was right for some time of `year`.
fn was_right_in(year: i16, last_day: Date) -> bool {
    (1900..=last_day.year()).contains(&year)
}

/// The years that a sentence names: four digits of either script before 年, or in brackets as in 〔2015〕.
fn years(sentence: &str) -> impl Iterator<Item = i16> + '_ {
    sentence
        .match_indices(['年', '〕', '）', ']', '-', '—', '～', '至', '.'])
        .filter_map(|(at, _)| {
            let mut digits = sentence[..at].chars().rev().map_while(digit);
            let mut year = 0;
            for place in [1, 10, 100, 1000] {
                year += digits.next()? * place;
            }
            digits.next().is_none().then_some(year)
        })
}

fn digit(c: char) -> Option<i16> {
    match c {
        '0'..='9' => i16::try_from(u32::from(c) - u32::from('0')).ok(),
        '〇' | '零' => Some(0),
        _ => "一二三四五六七八九"
            .chars()
            .position(|d| d == c)
            .and_then(|d| i16::try_from(d + 1).ok()),
    }
}
