//! What the normal form knows about characters and lines: data and look-ups, no text is changed here.
//!
//! Facts, and where they come from:
//!
//! * the 8,105 characters of the 通用规范汉字表 (State Council, 2013) and its appendix 规范字与繁体字、异体字对照表;
//! * the Unicode Character Database: `Equivalent_Unified_Ideograph`, canonical decompositions, and of Unihan `kTGH`,
//!   `kSimplifiedVariant`, `kSemanticVariant` and `kZVariant`. Where Unihan is silent, or does not settle the matter,
//!   public conversion tables had to agree with each other.

/// The character that stands for a radical or a compatibility ideograph in simplified text, if `c` is one.
///
/// Copies out of PDF files hold such characters where the ideograph is meant. The result is never a radical, a
/// compatibility ideograph or a key of [`simplified`] itself: ⾨ gives 门, not 門.
pub(crate) fn radical(c: char) -> Option<char> {
    let table: &[char] = match c {
        '\u{2E80}'..='\u{2FD5}' => &RADICAL_TABLE,
        '\u{F900}'..='\u{FAD9}' => &COMPATIBILITY_TABLE,
        '\u{2F800}'..='\u{2FA1D}' => &SUPPLEMENT_TABLE,
        _ => return None,
    };
    let first = match c {
        '\u{2E80}'..='\u{2FD5}' => 0x2E80,
        '\u{F900}'..='\u{FAD9}' => 0xF900,
        _ => 0x2F800,
    };
    let found = table[(c as u32 - first) as usize];
    (found != NONE).then_some(found)
}

/// Whether folding may change or drop `c`: false for nearly all characters of good text, at the price of one bit.
#[inline]
pub(crate) fn is_special(c: char) -> bool {
    let code = c as u32;
    match SPECIAL_BITS.get((code / 64) as usize) {
        Some(bits) => bits >> (code % 64) & 1 != 0,
        None => true,
    }
}

/// The one simplified counterpart of a character that is outside the 通用规范汉字表.
///
/// Only traditional characters count. A variant such as 囯, 増 or 劵 in simplified text is a slip of the keyboard, and a
/// lexicon may forbid it. A character of the list is never changed (乾, 著, 瞭, 藉), nor is one with several counterparts (鉅: 巨, 钜). Of
/// the two exceptions 線 and 鍾 the second counterpart (缐, 锺) is allowed in names only, and 畫 is 画 as the list has it.
pub(crate) fn simplified(c: char) -> Option<char> {
    // Nearly all characters are asked about in vain: one bit answers for those of the basic plane.
    if let Some(at) = (c as u32).checked_sub(BITS_FROM)
        && let Some(bits) = SIMPLIFIED_BITS.get((at / 64) as usize)
        && bits >> (at % 64) & 1 == 0
    {
        return None;
    }
    let (pairs, _) = SIMPLIFIED_TABLE.as_chunks::<2>();
    let at = pairs.binary_search_by_key(&c, |&[key, _]| key).ok()?;
    Some(pairs[at][1])
}

/// Whether `c` is an ideograph, or a character that [`radical`] turns into one.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c,
        '\u{4E00}'..='\u{9FFF}'
        | '\u{3400}'..='\u{4DBF}'
        | '〇'
        | '\u{F900}'..='\u{FAD9}'
        | '\u{20000}'..='\u{2FFFD}'
        | '\u{30000}'..='\u{3FFFD}')
        || radical(c).is_some()
}

/// Whether a line begins a paragraph, so that the line break before it is a boundary: it is indented by two
/// ideographic blanks or more, or begins with a list mark.
///
/// Only the head of `line` is looked at. Where a mark cannot be told from running text that happens to be wrapped
/// there (第三条 of a citation, the 1.5 of a sum, a year in brackets), it is taken for running text.
pub(crate) fn starts_paragraph(line: &str) -> bool {
    let mut ideographic = 0;
    for (at, c) in line.char_indices() {
        match c {
            '\u{3000}' => ideographic += 1,
            _ if is_blank(c) => {}
            _ => return ideographic >= 2 || begins_with_list_mark(&line[at..]),
        }
    }
    ideographic >= 2
}

/// Whether a line ends a paragraph, so that the line break behind it is a boundary: 。！？：； or their ASCII forms,
/// perhaps with closing quotes or brackets behind them.
///
/// Only the tail of `line` is looked at; the line break itself may be on it.
pub(crate) fn ends_paragraph(line: &str) -> bool {
    line.chars()
        .rev()
        .find(|&c| !is_blank(c) && !CLOSERS.contains(c))
        .is_some_and(|c| "。！？：；!?:;".contains(c))
}

/// What may stand behind the end of a sentence and still belong to it.
pub(crate) const CLOSERS: &str = "”’」』）》〉】〕］｝＂＇)]}\"'";

/// White space, or a character that leaves no trace on paper.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}'
        )
}

fn begins_with_list_mark(line: &str) -> bool {
    let mut chars = line.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let rest = chars.as_str();
    match first {
        // Circled, bracketed and dotted numbers, and Roman numerals with a stop behind them.
        '①'..='⒛'
        | '⓪'..='⓿'
        | '㈠'..='㈩'
        | '㉈'..='㉟'
        | '㊀'..='㊉'
        | '㊱'..='㊿'
        | '❶'..='➓' => true,
        'Ⅰ'..='ⅿ' => rest.starts_with(['、', '．', '.']),
        '•' | '●' | '■' | '□' | '◆' | '◇' | '★' | '☆' | '▲' | '△' | '▶' | '►' | '➢' | '※' | '✓'
        | '✔' => true,
        // The bullets of symbol fonts, as copies out of word processors have them.
        '\u{F020}'..='\u{F0FF}' => true,
        '—' if rest.starts_with('—') => true,
        // ○ is also the zero of 二○二六, · stands in names.
        '-' | '–' | '—' | '*' | '+' | '·' | '○' => rest.starts_with(is_blank),
        '（' | '(' => {
            let (number, rest) = split_number(rest);
            number.fits(4, 3) && rest.starts_with(['）', ')'])
        }
        '第' => {
            let (number, rest) = split_number(rest);
            number.fits(8, 4) && begins_with_division(rest)
        }
        _ => {
            let (number, rest) = split_number(line);
            number.fits(4, 3) && begins_with_stop(number, rest)
        }
    }
}

/// How many characters a number takes, in which digits.
#[derive(Clone, Copy)]
enum Number {
    Chinese(usize),
    Arabic(usize),
}

impl Number {
    fn fits(self, chinese: usize, arabic: usize) -> bool {
        match self {
            Self::Chinese(n) => (1..=chinese).contains(&n),
            Self::Arabic(n) => (1..=arabic).contains(&n),
        }
    }
}

/// The number at the head of `text`, of no characters if there is none, and what stands behind it.
fn split_number(text: &str) -> (Number, &str) {
    let length = |belongs: &dyn Fn(char) -> bool| {
        text.chars()
            .take_while(|&c| belongs(c))
            .map(char::len_utf8)
            .sum::<usize>()
    };
    let chinese = length(&|c| "一二三四五六七八九十百千零〇○".contains(c));
    if chinese > 0 {
        return (Number::Chinese(chinese / 3), &text[chinese..]);
    }
    let arabic = length(&is_digit);
    let digits = text[..arabic].chars().count();
    (Number::Arabic(digits), &text[arabic..])
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit() || ('０'..='９').contains(&c)
}

/// 一、 and 一． but not 一，; 1. and 1、 and 1） and 1.2.3 but not 1.5.
fn begins_with_stop(number: Number, rest: &str) -> bool {
    let mut chars = rest.chars();
    match (number, chars.next()) {
        (_, Some('、')) | (Number::Arabic(_), Some('）' | ')')) => true,
        (Number::Chinese(_), Some('．' | '.')) => true,
        (Number::Arabic(_), Some('．' | '.')) => {
            let behind = chars.as_str();
            let (next, behind) = match split_number(behind) {
                (Number::Arabic(n), behind) => (n, behind),
                (Number::Chinese(_), _) => (0, behind),
            };
            next == 0 || next <= 3 && behind.starts_with(['．', '.'])
        }
        _ => false,
    }
}

/// 第一章 begins a paragraph wherever it stands at the head of a line; 第一条 and its like are cited too often in
/// running text, so they must stand apart from what follows, as they do in statutes.
fn begins_with_division(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('章' | '节' | '编' | '篇' | '卷') => true,
        Some('部') => chars.next() == Some('分'),
        Some('条' | '款' | '项') => chars.next().is_none_or(|c| is_blank(c) || c == '【'),
        _ => false,
    }
}

/// Stands in the tables below for a character that has no counterpart.
const NONE: char = '.';

static RADICAL_TABLE: [char; count(RADICALS)] = chars(RADICALS);
static COMPATIBILITY_TABLE: [char; count(COMPATIBILITY)] = chars(COMPATIBILITY);
static SUPPLEMENT_TABLE: [char; count(COMPATIBILITY_SUPPLEMENT)] = chars(COMPATIBILITY_SUPPLEMENT);

/// A character, its counterpart, the next character, and so on: sorted pairs.
static SIMPLIFIED_TABLE: [char; count(SIMPLIFIED)] = chars(SIMPLIFIED);

const SIMPLIFIED: &str = include_str!("simplified.txt");

/// A bit for each character from U+3400 to U+9FFF: whether it is a key of [`SIMPLIFIED_TABLE`].
static SIMPLIFIED_BITS: [u64; BITS_WORDS] = key_bits();

const BITS_FROM: u32 = 0x3400;
const BITS_WORDS: usize = (0xA000 - 0x3400) / 64;

/// A bit for each character of the basic plane.
static SPECIAL_BITS: [u64; 0x1_0000 / 64] = special_bits();

/// Characters that are blanks, invisible, of other width or case, radicals, or compatibility characters.
const SPECIAL_RANGES: [(char, char); 17] = [
    ('\t', '\n'),
    ('\r', '\r'),
    (' ', ' '),
    ('A', 'Z'),
    ('\u{A0}', '\u{A0}'),
    ('\u{AD}', '\u{AD}'),
    ('\u{61C}', '\u{61C}'),
    ('\u{200B}', '\u{200F}'),
    ('\u{202A}', '\u{202E}'),
    ('\u{2060}', '\u{2069}'),
    ('\u{2E80}', '\u{2FD5}'),
    ('\u{3000}', '\u{3000}'),
    ('\u{F900}', '\u{FAD9}'),
    ('\u{FE00}', '\u{FE0F}'),
    ('\u{FEFF}', '\u{FEFF}'),
    ('\u{FF10}', '\u{FF3A}'),
    ('\u{FF41}', '\u{FF5A}'),
];

const fn special_bits() -> [u64; 0x1_0000 / 64] {
    let mut bits = [0; 0x1_0000 / 64];
    let mut i = 0;
    while i < BITS_WORDS {
        bits[BITS_FROM as usize / 64 + i] = SIMPLIFIED_BITS[i];
        i += 1;
    }
    i = 0;
    while i < SPECIAL_RANGES.len() {
        let mut code = SPECIAL_RANGES[i].0 as u32;
        while code <= SPECIAL_RANGES[i].1 as u32 {
            bits[(code / 64) as usize] |= 1 << (code % 64);
            code += 1;
        }
        i += 1;
    }
    bits
}

const fn key_bits() -> [u64; BITS_WORDS] {
    let table = SIMPLIFIED_TABLE;
    let mut bits = [0; BITS_WORDS];
    let mut i = 0;
    while i < table.len() {
        let at = (table[i] as u32 - BITS_FROM) as usize;
        if at / 64 < BITS_WORDS {
            bits[at / 64] |= 1 << (at % 64);
        }
        i += 2;
    }
    bits
}

/// How many characters `text` has, line breaks not counted.
const fn count(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut n, mut i) = (0, 0);
    while i < bytes.len() {
        // Neither the middle of a character nor a line break.
        if bytes[i] & 0xC0 != 0x80 && bytes[i] != b'\n' && bytes[i] != b'\r' {
            n += 1;
        }
        i += 1;
    }
    n
}

/// The characters of `text` without line breaks, found while compiling: no table is built at run time.
const fn chars<const N: usize>(text: &str) -> [char; N] {
    let bytes = text.as_bytes();
    let mut out = [NONE; N];
    let (mut n, mut i) = (0, 0);
    while i < bytes.len() {
        let b = bytes[i] as u32;
        let (mut code, length) = match b {
            0..0x80 => (b, 1),
            0x80..0xE0 => (b & 0x1F, 2),
            0xE0..0xF0 => (b & 0x0F, 3),
            _ => (b & 0x07, 4),
        };
        let end = i + length;
        i += 1;
        while i < end {
            code = code << 6 | (bytes[i] & 0x3F) as u32;
            i += 1;
        }
        if code == '\n' as u32 || code == '\r' as u32 {
            continue;
        }
        match char::from_u32(code) {
            Some(c) => out[n] = c,
            None => panic!("a table is not UTF-8"),
        }
        n += 1;
    }
    out
}

/// U+2E80 to U+2FD5, in order; a full stop where nothing stands for the radical alone.
const RADICALS: &str = "\
.厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑𫜹忄心扌攵.旡日月歺母民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿\
肉𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅长镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾齐齐齿齿龙龙龟龟龟....\
........一丨丶丿乙亅二亠人儿入八冂冖冫几凵刀力勹匕匚匸十卜卩厂厶又口囗土士夂夊夕大女子宀寸小尢尸屮山巛工己巾干幺\
广廴廾弋弓彐彡彳心戈户手支攴文斗斤方无日曰月木欠止歹殳毋比毛氏气水火爪父爻爿片牙牛犬玄玉瓜瓦甘生用田匹疒癶白皮皿目矛矢石\
示禸禾穴立竹米糸缶网羊羽老而耒耳聿肉臣自至臼舌舛舟艮色草虍虫血行衣襾见角言谷豆豕豸贝赤走足身车辛辰辵邑酉釆里金长门阜隶隹\
雨青非面革韦韭音页风飞食首香马骨高髟斗鬯鬲鬼鱼鸟卤鹿麦麻黄黍黑黹黾鼎鼓鼠鼻齐齿龙龟龠";

/// U+F900 to U+FAD9, in order; a full stop where the character is a unified ideograph itself, or unassigned.
const COMPATIBILITY: &str = "\
岂更车贾滑串句龟龟契金喇奈懒癞罗萝螺裸逻乐洛烙珞落酪骆乱卵栏烂兰鸾岚滥蓝褴拉腊蜡廊朗浪狼郎来冷劳掳橹炉卢老芦虏路露鲁鹭碌\
禄绿菉录鹿论垄弄笼聋牢磊赂雷垒屡楼泪漏累缕陋勒肋凛凌棱绫菱陵读拿乐诺丹宁怒率异北磻便复不泌数索参塞省叶说杀辰沈拾若掠略亮\
两凉梁粮良谅量励吕女庐旅滤砺闾骊丽黎力历历轹年怜恋拈涟炼琏年练联辇莲连鍊列劣咽烈裂说廉念捻殓帘猎令囹宁岭怜玲莹羚聆铃零灵\
领例礼醴隶恶了僚寮尿料乐燎疗蓼辽龙晕阮刘杻柳流溜琉留硫纽类六戮陆伦仑沦轮律栗栗率隆利吏履易李梨泥理痢罹里里里离匿溺吝磷璘\
蔺邻鳞麟林淋临立笠粒状炙识什茶刺切度拓糖宅洞暴辐行降见廓兀嗀..冢.晴..凞猪益礼神祥福靖精羽.蘒.诸..逸都...饭饲\
馆鹤郎隶侮僧免勉勤卑喝叹器塀墨层屮悔慨憎惩敏既暑梅海渚汉煮爫琢碑社祉祈祐祖祝祸祯谷突节练缙繁署者臭艹艹著褐视谒谨宾赠辶逸\
难响频惠熙馆..并况全侀充冀勇勺喝啕喙嗢冢坟奄奔婢嬨廒廙彩徭惘慎愈憎慠惩戴揄搜摒敖晴朗望杖歹杀流淫滋汉瀞煮瞧爵犯猪瑱甆画\
瘝瘟益盛直睊着磌窱节类绦练瓶者荒华蝹襁覆视调诸请谒诺谕谨变赠输迟醙铏渚难靖韛响顾频鬒龟𢡊𢡄𣏕㮝䀘睫𥉉𥳐𧻓齃龎";

/// U+2F800 to U+2FA1D, in order.
const COMPATIBILITY_SUPPLEMENT: &str = "\
丽丸乁𠄢你侮侻并咱备僧像㒞𠘺免兔兤具𠔜㒹内再𠕋冗冤仌冬况𩇟凵刃㓟刻剆割铲㔕勇勉勤勺包匆北卉卑博即即卿卿卿𠨬灰及叟𠭣叫叱吆\
咞吸呈周咢咩唐启衔善善喙吃喳嗂图叹圗噑喷切壮城埴堍型堲报墬𡓤卖壷夆多梦奢𡚨𡛪姬娱娧姘妇㛮㛼娆懒懒𡧈冤置宁宝𡬘寿将当尢㞁屠\
屮峀岍𡷤嵃𡷦嵮嵫嵼巡巢以巽帨帽幩㡢𢆃㡼庰庳庶廊𪎒廾𢌱𢌱舁弢弢㣇𣊸𦇚形雕㣣徚忍志忹悁㤺㤜悔𢛔惇慈慌慎慌慺憎宪愤憯蒙惩懒成戛\
扝抱拔捐𢬌挽拼舍扫揤𢯱搢揅掩㨮摩摾㧑摷㩬敏敬𣀊既书晋㬙暑㬈㫤冒冕最暜肭䏙朗望朡杞杓𣏃㭉拐枅桑梅𣑭梎栟椔㮝楂榣概檨𣚣栉㰘次\
𣢧歔㱎岁殟杀壳𣪍𡴋𣫺泛𣲼沿泍汧洖派海流浩浸涅𣴞洴港湮㴳滋滇𣻑淹潮𣽞𣾎𣸣瀹瀞瀛㶖灊灾灷炭𠔥煅𤉣熜𤎫爨爵闸𤘈犀犕𤜵𤠔獭王㺬玥\
㺸㺸玳瑜瑱璅琼㼛蕤𤰶甾𤲒异𢆟瘐𤾡𤾸𥁄㿼䀈直𥃳𥃲𥄙𥄳真真真睊睫瞋䁆䂖𥐝硎碌磌䃣𥘦祖𥚚𥛅福秫䄯谷穊稳𥥼𥪧𥪧竮䈂𥮫篆筑䈧𥲀糒䊠\
糨糣纪𥾆絣䌁缁总缫䌴𦈨𦉇䍙𦋙罺𦌾羕翱者𦓚𦔣聠𦖨聪𣍟饪育脆䐋脾媵𦞧𦞵𣎓𣎜舁舄辞䑫芑芋芝劳花芳芽苦𦬼若茝荣莭茣莽菧著荓菊菌菜\
𦰶𦵫𦳕䔫蓱蓳蔖𧏊蕤𦼬䕝䕡𦾱𧃒䕫虐虏亏虩蚩蚈蜎蛢蝹蝶蝫蚝䗗蟡蠁䗹衠衣𧙧裗裞䘵裺㒻𧢮𧥦䚾䛇诚谕变豕𧲨贯贲赣起𧼯𠠄跋趼跰𠣞轫输\
𨗒𨗭邔郱鄑𨜮鄛钹𫓶鋘鉼镪鐕𨯺开䦕閷𨵷䧦雃嶲霣𩅅𩈚䩮䩶韠𩐊䪲𩒖顾顾頩𩖶饥䬳餩馧駂駾䯎𩬰鬒𬶨鳽䳎䳭鵧𪃎䳸𪄅𪈎𪊑麻䵖黹黾鼅幂鼖\
鼻𪘀";

#[cfg(test)]
mod tests {
    use super::*;

    /// The 通用规范汉字表 in code point order.
    const STANDARD: &str = include_str!("standard.txt");

    fn standard() -> Vec<char> {
        STANDARD.chars().filter(|c| *c != '\n').collect()
    }

    #[test]
    fn traditional_characters_have_their_simplified_counterparts() {
        let pairs = "掃扫險险惡恶習习總总書书記记國国產产産产業业與与爲为為为萬万無无發发髮发後后裡里裏里線线佈布佔占週周遊游眾众衆众麵面體体實实戶户";
        let pairs: Vec<char> = pairs.chars().collect();
        for pair in pairs.chunks(2) {
            assert_eq!(simplified(pair[0]), Some(pair[1]), "{}", pair[0]);
        }
    }

    #[test]
    fn standard_and_ambiguous_characters_stay() {
        for c in "乾著瞭藉徵於祇囯毎増髙劵黒岀査习近平一鉅逕蘋麼鍊噁aＡ。〇é\u{0}\u{10FFFF}".chars()
        {
            assert_eq!(simplified(c), None, "{c}");
        }
    }

    #[test]
    fn no_key_is_a_standard_character_and_every_value_is_one() {
        let standard = standard();
        assert_eq!(standard.len(), 8105);
        assert!(standard.is_sorted());
        let (pairs, odd) = SIMPLIFIED_TABLE.as_chunks::<2>();
        assert!(pairs.len() > 2500 && odd.is_empty());
        assert!(pairs.is_sorted_by(|a, b| a[0] < b[0]));
        for &[key, value] in pairs {
            assert!(standard.binary_search(&key).is_err(), "{key}");
            assert!(standard.binary_search(&value).is_ok(), "{key} {value}");
            assert_eq!(simplified(key), Some(value));
        }
        for c in standard {
            assert_eq!(simplified(c), None, "{c}");
            assert_eq!(radical(c), None, "{c}");
            assert!(is_han(c), "{c}");
        }
    }

    #[test]
    fn radicals_become_the_ideographs_of_simplified_text() {
        let pairs = "⼈人⽂文⽇日⽔水⾨门⾞车⾧长⾒见⾴页⾵风⾺马⿂鱼⿃鸟⿆麦⿈黄⿊黑⿑齐⿒齿⿓龙⿔龟⾭青⾼高\
                     ⻓长⻔门⻋车⻅见⻚页⻛风⻢马⻥鱼⻦鸟⻨麦⻩黄⻬齐⻮齿⻰龙⻯龙⻳龟⻄西⻆角⻣骨⻤鬼⻝食⺠民⺟母⺓幺\
                     \u{F902}车\u{F9D8}律\u{FA30}侮\u{2F800}丽\u{2FA1D}𪘀";
        let pairs: Vec<char> = pairs.chars().collect();
        for pair in pairs.chunks(2) {
            assert_eq!(radical(pair[0]), Some(pair[1]), "{}", pair[0]);
            assert!(is_han(pair[0]), "{}", pair[0]);
        }
        for c in [
            '\u{2E80}',
            '\u{2E9A}',
            '\u{FA0E}',
            '\u{FADA}',
            '\u{2FD6}',
            '\u{2FA1E}',
            '人',
        ] {
            assert_eq!(radical(c), None, "{c:?}");
        }
    }

    #[test]
    fn one_look_up_is_enough() {
        for c in '\0'..=char::MAX {
            if let Some(to) = radical(c) {
                assert_eq!((radical(to), simplified(to)), (None, None), "{c} {to}");
                assert_eq!(simplified(c), None, "{c}");
                assert!(is_han(to), "{c} {to}");
            }
            if let Some(to) = simplified(c) {
                assert_eq!((radical(to), simplified(to)), (None, None), "{c} {to}");
                assert!(is_han(c), "{c}");
            }
        }
    }

    #[test]
    fn ideographs_and_nothing_else() {
        for c in "一〇龥㐀𠀀𰀀豈⼈⻔".chars() {
            assert!(is_han(c), "{c}");
        }
        for c in "aＡ1１。，　、々ぁア한·—\u{2E80}\u{31C0}\u{FF00}".chars() {
            assert!(!is_han(c), "{c}");
        }
    }

    #[test]
    fn lines_that_start_a_paragraph() {
        let yes = [
            "　　各乡镇",
            " 　\t　各乡镇",
            "\u{FEFF}　　各乡镇",
            "一、总体要求",
            "十二、附则",
            "一．总则",
            "　一、总则",
            "（一）加强领导",
            "(一)加强领导",
            "（十一）其他",
            "（1）甲",
            "(12) 乙",
            "1. 甲",
            "1.甲",
            "1．甲",
            "１．甲",
            "1、甲",
            "12、甲",
            "1）甲",
            "1)甲",
            "1.2.3 范围",
            "1.2.甲",
            "①甲",
            "⑴甲",
            "⒈甲",
            "㈠甲",
            "❶甲",
            "Ⅱ、甲",
            "第一章　总则",
            "第一章总则",
            "第十二节",
            "第1章",
            "第一部分 概况",
            "第二编",
            "第一条　为了",
            "第二十三条 本法",
            "第三条",
            "第1条\n",
            "第五条【责任】",
            "●甲",
            "• 甲",
            "—— 甲",
            "——甲",
            "- 甲",
            "* 甲",
            "○ 甲",
            "\u{F0D8}甲",
        ];
        for line in yes {
            assert!(starts_paragraph(line), "{line}");
        }
        let no = [
            "",
            " ",
            "　各乡镇",
            "    各乡镇",
            "一代一路",
            "一，甲",
            "一是加强",
            "十四五规划",
            "二〇二六年",
            "二○二六年",
            "○二六年",
            "1.5亿元",
            "2026年1月",
            "2026.",
            "100",
            "12%",
            "（2026年）",
            "（2026）12号",
            "（以下简称",
            "（）",
            "第三条规定",
            "第三条、第五条",
            "第十四届",
            "第",
            "第一",
            "·买买提",
            "-5度",
            "*甲",
            "—甲",
            "甲、乙",
            "Ⅱ类",
            "+甲",
        ];
        for line in no {
            assert!(!starts_paragraph(line), "{line}");
        }
    }

    #[test]
    fn lines_that_end_a_paragraph() {
        let yes = [
            "甲。",
            "甲！",
            "甲？",
            "如下：",
            "甲；",
            "甲。”",
            "甲！）",
            "甲。』」 ",
            "甲：\r\n",
            "甲。　　",
            "甲？\u{200B}",
            "甲!",
            "甲。）》",
        ];
        for line in yes {
            assert!(ends_paragraph(line), "{line}");
        }
        let no = [
            "",
            " ",
            "甲",
            "甲，",
            "甲、",
            "《条例》",
            "（一）",
            "甲：“",
            "甲……",
            "3.",
            "”",
            "甲。乙",
            "甲——",
        ];
        for line in no {
            assert!(!ends_paragraph(line), "{line}");
        }
    }
}
