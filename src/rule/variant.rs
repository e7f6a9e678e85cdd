//! Variants of characters that simplified text does not have: 増 for 增, 毎 for 每, 岀 for 出.
//!
//! They come from the keyboard, from copies out of other languages' text and from text recognition, look nearly right,
//! and no list of words would ever be long enough for them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::config::Config;
use crate::diagnostic::Severity;
use crate::lexicon::FixMode;
use crate::linter::{LISTED, Match, Rule};
use crate::normal::Sketch;
use crate::normal::tables::simplified;
use crate::rule::Target;

/// A variant, the standard character, the next variant, and so on, sorted. None of the variants is among the 8,105
/// characters of the 通用规范汉字表 (State Council, 2013), and none is simply traditional.
const VARIANTS: &str = "\
両两乗乘亜亚仏佛仮假伝传価价値值児儿冩写処处刴剁労劳劵券勧劝勲勋単单厳严収收吿告呉吴営营団团囯国囲围図图圧压塁垒塩盐増增\
壊坏壌壤壱壹売卖変变奨奖姫姬娯娱嬢娘実实寛宽対对専专岀出巌岩巣巢帯带帰归幵开庁厅広广廃废弐贰弾弹従从徳德応应恵惠悪恶愼慎\
懐怀戦战戯戏戸户戻戾払拂抜拔択择拝拜拠据拡扩挙举捜搜揺摇摂摄撃击斉齐斎斋昻昂晩晚暁晓暦历曽曾査查栄荣桜樱桟栈検检楽乐様样\
権权欵款歓欢歩步歯齿歳岁歴历毎每気气沢泽浄净涙泪淸清渇渴済济渉涉渋涩渓溪満满溌泼滝泷瀬濑焼烧犠牺猟猎獣兽畳叠痩瘦発发県县\
砕碎硏研稲稻穂穗穏稳竜龙竝并粋粹粛肃経经絵绘継继続续緖绪縁缘縄绳縦纵繊纤罸罚聡聪聴听脳脑臓脏舎舍舗铺荘庄蔵藏薬药蛍萤衞卫\
襃褒覇霸覚觉観观訳译読读譲让豊丰賍赃賎贱賛赞軆体転转軽轻輌辆辺边逓递遅迟郞郎郷乡鄕乡酔醉醸酿釈释鉄铁銭钱関关闘斗陥陷険险\
隠隐隣邻雑杂霊灵靑青韮韭頬颊頼赖顕显飮饮餠饼駅驿駆驱騒骚験验髄髓髙高髪发鬪斗鴎鸥鶏鸡麺面黒黑黙默齢龄";

/// Variants outside this range are not looked for.
const FIRST: u32 = 0x4E00;
const WORDS: usize = (0xA000 - 0x4E00) / 64;

/// Finds variants of simplified characters.
#[derive(Debug)]
pub(crate) struct Variants {
    rule: Rule,
    pairs: Vec<(char, [String; 1])>,
    /// A bit per character from [`FIRST`] on: whether it is a variant.
    bits: [u64; WORDS],
}

impl Variants {
    /// `None` when the configuration switches the rule off.
    pub(crate) fn new(config: &Config) -> Option<Self> {
        let mut rule = Rule::builtin(
            "typos",
            "variant-character",
            Severity::Warning,
            FixMode::Unsafe,
            "《通用规范汉字表》（国发〔2013〕23号）",
            config,
        )?;
        Arc::make_mut(&mut rule.entry).reason =
            Some("不是规范汉字，多为输入法或文字识别的误字".to_owned());
        let chars: Vec<char> = VARIANTS.chars().collect();
        let pairs: Vec<_> = chars
            .chunks_exact(2)
            .map(|pair| (pair[0], [pair[1].to_string()]))
            .collect();
        let mut bits = [0; WORDS];
        for (variant, _) in &pairs {
            let at = u32::from(*variant) - FIRST;
            bits[(at / 64) as usize] |= 1 << (at % 64);
        }
        Some(Self { rule, pairs, bits })
    }

    /// Whether a text holds a variant.
    pub(crate) fn may_match(&self, text: &Sketch) -> bool {
        text.chars().iter().any(|&c| self.is_variant(c))
    }

    /// The variants in a block, unless it is in another language or in traditional characters.
    pub(crate) fn find<'l>(&'l self, target: &Target<'_>, matches: &mut Vec<Match<'l>>) {
        let is_foreign = |c: char| matches!(c, '\u{3040}'..='\u{30FF}' | '\u{AC00}'..='\u{D7AF}');
        if target.text.chars().any(is_foreign)
            || target
                .text
                .chars()
                .filter(|&c| simplified(c).is_some())
                .count()
                > 1
        {
            return;
        }
        for (at, c) in target
            .text
            .char_indices()
            .filter(|&(_, c)| self.is_variant(c))
        {
            let Ok(nth) = self.pairs.binary_search_by_key(&c, |(variant, _)| *variant) else {
                continue;
            };
            matches.push(Match {
                rule: &self.rule,
                range: target.folded.range_of(&(at..at + c.len_utf8())),
                found: Cow::Owned(c.to_string()),
                suggestions: Cow::Borrowed(&self.pairs[nth].1),
                message: None,
                // A listed form around the variant says more.
                priority: LISTED - 1,
            });
        }
    }

    #[inline]
    fn is_variant(&self, c: char) -> bool {
        let Some(at) = u32::from(c).checked_sub(FIRST) else {
            return false;
        };
        self.bits
            .get((at / 64) as usize)
            .is_some_and(|bits| bits >> (at % 64) & 1 != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Document, ReadOptions};
    use crate::lexicon::Lexicon;
    use crate::linter::Linter;

    fn found(text: &str) -> Vec<(String, String)> {
        let linter = Linter::new(&Lexicon::default(), &Config::default()).unwrap();
        let bytes = text.as_bytes().to_vec();
        let document = Document::parse("a.txt", bytes, &ReadOptions::default()).unwrap();
        linter
            .lint(&document)
            .into_iter()
            .map(|d| (d.found, d.suggestions.concat()))
            .collect()
    }

    #[test]
    fn variants_in_simplified_text() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(
            found("収入増加，毎人提髙。"),
            [
                pair("収", "收"),
                pair("増", "增"),
                pair("毎", "每"),
                pair("髙", "高")
            ]
        );
        for text in [
            "收入增加，每人提高。",
            "収入が増加",
            "爲増加國民収入",
            "乾隆年间、瞭望塔",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    #[test]
    fn the_table_is_sorted_and_outside_of_everything_else() {
        let chars: Vec<char> = VARIANTS.chars().collect();
        assert!(chars.len() > 300 && chars.len().is_multiple_of(2));
        for pair in chars.chunks_exact(2) {
            assert_eq!(simplified(pair[0]), None, "{}", pair[0]);
            assert_eq!(simplified(pair[1]), None, "{}", pair[1]);
        }
        assert!(chars.chunks_exact(2).is_sorted_by(|a, b| a[0] < b[0]));
    }
}
