//! Numbers as official documents write them.

/// The number at the beginning of a text, in Chinese or Arabic numerals, and its length in bytes; `None` where there is
/// none, or one of more than 9999.
pub(crate) fn number(text: &str) -> Option<(u32, usize)> {
    let arabic = text.bytes().take_while(u8::is_ascii_digit).count();
    if arabic > 0 {
        return (arabic <= 4)
            .then(|| text[..arabic].parse().ok())
            .flatten()
            .map(|n| (n, arabic));
    }
    let mut sum = 0;
    // The digit that waits for its unit; none of two digits in a row, as in 二〇二四, is one.
    let mut digit: Option<u32> = None;
    let mut len = 0;
    for c in text.chars() {
        match (value(c), digit) {
            (Some(Value::Zero), None) if len > 0 => {}
            (Some(Value::Digit(n)), None) => digit = Some(n),
            (Some(Value::Unit(unit)), _) if sum % (unit * 10) == 0 => {
                sum += digit.take().unwrap_or(1) * unit;
            }
            (Some(_), _) => return None,
            (None, _) => break,
        }
        len += c.len_utf8();
    }
    sum += digit.unwrap_or(0);
    (sum > 0).then_some((sum, len))
}

/// A number below 10,000 as official documents write it: 一百零三.
pub(crate) fn chinese(number: u32) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let mut text = String::new();
    let mut rest = number % 10_000;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let digit = DIGITS[(rest / unit) as usize % 10];
        if digit != '零' {
            // 十一, not 一十一, where nothing stands before it.
            if !(unit == 10 && digit == '一' && text.is_empty()) {
                text.push(digit);
            }
            text.push_str(name);
        } else if !text.is_empty() && !text.ends_with('零') && rest > 0 {
            text.push('零');
        }
        rest %= unit;
    }
    text
}

enum Value {
    Zero,
    Digit(u32),
    Unit(u32),
}

fn value(c: char) -> Option<Value> {
    Some(match c {
        '零' | '〇' => Value::Zero,
        '一' => Value::Digit(1),
        '二' => Value::Digit(2),
        '三' => Value::Digit(3),
        '四' => Value::Digit(4),
        '五' => Value::Digit(5),
        '六' => Value::Digit(6),
        '七' => Value::Digit(7),
        '八' => Value::Digit(8),
        '九' => Value::Digit(9),
        '十' => Value::Unit(10),
        '百' => Value::Unit(100),
        '千' => Value::Unit(1000),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_leads_back() {
        for n in 1..10_000 {
            let text = chinese(n);
            assert_eq!(number(&text), Some((n, text.len())), "{text}");
        }
    }

    #[test]
    fn numbers() {
        for (text, want) in [
            ("一、", Some((1, 3))),
            ("十、", Some((10, 3))),
            ("十一条", Some((11, 6))),
            ("二十条", Some((20, 6))),
            ("一百零三条", Some((103, 12))),
            ("一百一十条", Some((110, 12))),
            ("一千二百六十条", Some((1260, 18))),
            ("一千零四十", Some((1040, 15))),
            ("300条", Some((300, 3))),
            ("12345", None),
            ("二〇二四年", None),
            ("一二三", None),
            ("十百", None),
            ("零", None),
            ("条", None),
            ("", None),
        ] {
            assert_eq!(number(text), want, "{text}");
        }
    }
}
