//! The day of a document: dated entries are judged by it.

use jiff::civil::Date;
use memchr::memrchr2;

use crate::document::{Block, BlockKind, Document};

/// Where the day of a document was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DateSource {
    /// The caller gave it for every document.
    Given,
    /// The text has it on a line of its own, as an official document does (成文日期).
    Text,
    /// The metadata has it, in the field of this name.
    Meta(String),
    /// Nowhere: it is the day of the run.
    Today,
}

impl DateSource {
    /// The name in outputs: `given`, `text`, `meta:NAME`, `today`.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Given => "given".to_owned(),
            Self::Text => "text".to_owned(),
            Self::Meta(field) => format!("meta:{field}"),
            Self::Today => "today".to_owned(),
        }
    }
}

/// How many blocks from the end are searched for the date: it stands behind the signature, before the annexes.
const BLOCKS: usize = 4096;

/// The longest line that is taken for a signature with a date, in bytes.
const LINE: usize = 160;

/// How many blocks from the start may tell when a document was issued.
const HEAD: usize = 40;

/// How many lines from the end may say from when on a statute without any other date applies.
const TAIL: usize = 40;

/// The document's own day: in its text, else in its metadata.
pub(crate) fn document_date(document: &Document) -> Option<(Date, DateSource)> {
    let prose = |b: &&Block| !matches!(b.kind, BlockKind::Cell { .. } | BlockKind::Attribute);
    let signed = document
        .blocks
        .iter()
        .rev()
        .take(BLOCKS)
        .filter(prose)
        .find_map(|b| {
            let lines = lines_backwards(document.text(b));
            lines.filter(|l| l.len() <= LINE).find_map(line_date)
        });
    let head = || {
        document
            .blocks
            .iter()
            .take(HEAD)
            .filter(prose)
            .map(|b| document.text(b))
    };
    let in_text = signed
        .or_else(|| head().take(4).find_map(number_date))
        .or_else(|| {
            head()
                .flat_map(lines_backwards)
                .filter_map(history_date)
                .max()
        })
        .or_else(|| {
            let last = document.blocks.iter().rev().take(TAIL).filter(prose);
            last.flat_map(|b| lines_backwards(document.text(b)))
                .take(TAIL)
                .find_map(effective_date)
        });
    if let Some(date) = in_text {
        return Some((date, DateSource::Text));
    }
    let (written, field) = document.meta.date.as_ref()?;
    Some((parse_date(written)?, DateSource::Meta(field.clone())))
}

/// The lines of a text, the last one first. Nearly all blocks are one line, which is seen sooner in bytes than in characters.
fn lines_backwards(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let Some(end) = memrchr2(b'\n', b'\r', text.as_bytes()) else {
            return Some(text);
        };
        rest = Some(&text[..end]);
        Some(&text[end + 1..])
    })
}

/// The last day of the year in a document number such as 国办发〔2001〕85号 at the beginning of a text.
fn number_date(text: &str) -> Option<Date> {
    let head = text
        .char_indices()
        .nth(120)
        .map_or(text, |(at, _)| &text[..at]);
    head.match_indices('〔').find_map(|(at, open)| {
        let rest = &head[at + open.len()..];
        let (year, rest) = rest.split_once('〕')?;
        let digits = rest.chars().take_while(char::is_ascii_digit).count();
        let year: i16 = year.parse().ok().filter(|y| (1949..=2200).contains(y))?;
        (digits > 0 && rest[digits..].starts_with('号')).then(|| Date::new(year, 12, 31).ok())?
    })
}

/// The latest date of a line that tells the history of a statute: 1994年6月24日国务院令第156号公布 根据……修订.
fn history_date(line: &str) -> Option<Date> {
    const DONE: [&str; 8] = [
        "通过", "批准", "修正", "修订", "公布", "发布", "施行", "令第",
    ];
    let line = line.trim().trim_start_matches(['（', '(']);
    parse_date(line)?;
    line.match_indices('年')
        .filter(|&(at, _)| {
            let behind = &line[at..];
            let near = behind
                .char_indices()
                .nth(80)
                .map_or(behind, |(end, _)| &behind[..end]);
            DONE.iter().any(|word| near.contains(word))
        })
        .filter_map(|(at, _)| {
            let start = line[..at]
                .char_indices()
                .rev()
                .take_while(|&(_, c)| digit(c).is_some())
                .last()?
                .0;
            parse_date(&line[start..])
        })
        .max()
}

/// The day from which a document says that it applies: 第三十条 本条例自1996年10月1日起施行。
fn effective_date(line: &str) -> Option<Date> {
    const LONGEST_HEAD: usize = 90;
    ["施行", "实施", "执行"].iter().find_map(|word| {
        // A character is found sooner than a word, and most lines do not have this one.
        let mut begins = line.match_indices('起');
        let (at, _) = begins.find(|(at, begin)| line[at + begin.len()..].starts_with(word))?;
        let before = &line[..at];
        let (head, date) = before.rsplit_once('自')?;
        let subject = head.rsplit(['。', '；']).next().unwrap_or_default();
        let is_own =
            subject.contains('本') && subject.len() <= LONGEST_HEAD && !subject.contains('《');
        let ends_with_day = date.trim_end().ends_with('日');
        (is_own && ends_with_day).then(|| parse_date(date))?
    })
}

/// The date of a line that holds nothing else but, perhaps, the name of the office before a gap, or a label.
fn line_date(line: &str) -> Option<Date> {
    let line = line
        .trim()
        .trim_start_matches(['（', '('])
        .trim_end_matches(['）', ')']);
    if !line.ends_with('日') {
        return None;
    }
    let year = line.find('年')?;
    let head = &line[..year];
    let start = head
        .char_indices()
        .rev()
        .take_while(|&(_, c)| digit(c).is_some())
        .last()
        .map(|(at, _)| at)?;
    let before = &line[..start];
    let is_signature = before.is_empty()
        || before.ends_with("日期：")
        || before.ends_with("日期:")
        || before.ends_with([' ', '\u{3000}', '\u{A0}', '\t'])
            && !before.contains(['，', '。', '、', '；', '：', '（']);
    if !is_signature {
        return None;
    }
    parse_date(&line[start..])
}

/// A date as people and programs write it: 2024-07-04, 2024/7/4, 2024年7月4日, 二〇二四年七月四日; what follows is
/// ignored.
pub(crate) fn parse_date(written: &str) -> Option<Date> {
    let mut rest = written.trim();
    let year = number(&mut rest)?;
    rest = rest.strip_prefix(['年', '-', '/', '.'])?;
    let month = number(&mut rest)?;
    rest = rest.strip_prefix(['月', '-', '/', '.'])?;
    let day = number(&mut rest)?;
    if !(1900..=2200).contains(&year) {
        return None;
    }
    Date::new(
        i16::try_from(year).ok()?,
        i8::try_from(month).ok()?,
        i8::try_from(day).ok()?,
    )
    .ok()
}

/// The number at the head of `rest`, in digits of either script; 十 counts as it does in 二十三.
pub(crate) fn number(rest: &mut &str) -> Option<u32> {
    let mut value: u32 = 0;
    let mut len = 0;
    let mut last_ten = false;
    for c in rest.chars() {
        if c == '十' {
            value = value.max(1).checked_mul(10)?;
            last_ten = true;
        } else if let Some(d) = digit(c) {
            value = if last_ten {
                value + d
            } else {
                value.checked_mul(10)?.checked_add(d)?
            };
            last_ten = false;
        } else {
            break;
        }
        len += c.len_utf8();
    }
    *rest = &rest[len..];
    (len > 0).then_some(value)
}

fn digit(c: char) -> Option<u32> {
    "〇一二三四五六七八九"
        .chars()
        .position(|d| d == c)
        .and_then(|d| u32::try_from(d).ok())
        .or(match c {
            '零' | '○' | 'O' | 'Ｏ' | 'o' => Some(0),
            '０'..='９' => Some(u32::from(c) - u32::from('０')),
            _ => c.to_digit(10),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_they_are_written() {
        for (written, want) in [
            ("2024-07-04", Some("2024-07-04")),
            ("2024/7/4 10:00", Some("2024-07-04")),
            ("2024年7月4日", Some("2024-07-04")),
            ("二〇二四年十二月二十三日", Some("2024-12-23")),
            ("二零一五年三月十日", Some("2015-03-10")),
            ("2024年2月30日", None),
            ("第三季度", None),
        ] {
            let date = parse_date(written).map(|d| d.to_string());
            assert_eq!(date.as_deref(), want, "{written}");
        }
    }

    #[test]
    fn what_the_head_of_a_document_tells() {
        let date = |d: Option<Date>| d.map(|d| d.to_string());
        for (text, want) in [
            ("国务院办公厅通知国办发〔2001〕85号各省", Some("2001-12-31")),
            ("财库〔2019〕第三批", None),
        ] {
            assert_eq!(date(number_date(text)).as_deref(), want, "{text}");
        }
        for (line, want) in [
            ("1994年6月24日 国务院令第156号公布", Some("1994-06-24")),
            (
                "（1994年7月5日第八届全国人大常委会通过　根据2004年8月28日《决定》修正）",
                Some("2004-08-28"),
            ),
            ("2024年7月4日召开会议", None),
            ("为了规范行为，1994年制定", None),
        ] {
            assert_eq!(date(history_date(line)).as_deref(), want, "{line}");
        }
    }

    #[test]
    fn what_the_end_of_a_statute_tells() {
        for (line, want) in [
            (
                "第三十条 本条例自1996年10月1日起施行。1986年的《规定》同时废止。",
                Some("1996-10-01"),
            ),
            ("本通知自2024年1月1日起执行。", Some("2024-01-01")),
            (
                "本办法自发布之日起施行，1982年7月7日的《条例》同时废止。",
                None,
            ),
            ("《条例》自2024年1月1日起施行。", None),
            ("《条例》已公布，本县自2024年1月起施行。", None),
            ("《本级预算条例》自2024年1月1日起施行。", None),
        ] {
            let date = effective_date(line).map(|d| d.to_string());
            assert_eq!(date.as_deref(), want, "{line}");
        }
    }

    #[test]
    fn only_a_line_of_its_own_is_a_documents_date() {
        for (line, want) in [
            ("2024年7月4日", Some("2024-07-04")),
            ("　　（2015年3月1日）", Some("2015-03-01")),
            ("县人民政府办公室　2024年7月4日", Some("2024-07-04")),
            ("成文日期：2024年7月4日", Some("2024-07-04")),
            ("会议定于2024年7月4日", None),
            ("自2024年7月4日起施行", None),
        ] {
            let date = line_date(line).map(|d| d.to_string());
            assert_eq!(date.as_deref(), want, "{line}");
        }
    }
}
