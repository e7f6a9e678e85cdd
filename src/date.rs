//! The day of a document: dated entries are judged by it.

use jiff::civil::Date;

use crate::document::{BlockKind, Document};

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

/// The document's own day: in its text, else in its metadata.
pub(crate) fn document_date(document: &Document) -> Option<(Date, DateSource)> {
    let in_text = document
        .blocks
        .iter()
        .rev()
        .take(BLOCKS)
        .filter(|b| !matches!(b.kind, BlockKind::Cell { .. } | BlockKind::Attribute))
        .find_map(|b| {
            let lines = document.text(b).rsplit(['\n', '\r']);
            lines.filter(|l| l.len() <= LINE).find_map(line_date)
        });
    if let Some(date) = in_text {
        return Some((date, DateSource::Text));
    }
    let (written, field) = document.meta.date.as_ref()?;
    Some((parse_date(written)?, DateSource::Meta(field.clone())))
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
