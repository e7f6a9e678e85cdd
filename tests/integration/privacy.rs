//! Personal data: what is found, what is left alone, and that nothing of it is shown.
//!
//! Every number here is made by the test: the check digits are computed, the people do not exist.

use std::collections::BTreeSet;

use zhengming::report::{self, DocumentReport, OutputFormat, Report};
use zhengming::{
    Applicability, Config, Diagnostic, Document, Lang, Lexicon, Linter, ReadOptions, fix,
};

use crate::support::document;

/// A resident number: region, day of birth and sequence number, with its check character.
fn resident(region: u32, birth: u32, sequence: u32) -> String {
    let body = format!("{region:06}{birth:08}{sequence:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits(&body).zip(weights).map(|(d, w)| d * w).sum();
    let check = "10X98765432".chars().nth((sum % 11) as usize).unwrap();
    format!("{body}{check}")
}

/// One of the numbers whose check character is X.
fn resident_with_x() -> String {
    (1..)
        .map(|n| resident(610_326, 19_850_412, n))
        .find(|n| n.ends_with('X'))
        .unwrap()
}

/// A number of the first generation.
fn old_resident(region: u32, birth: u32, sequence: u32) -> String {
    format!("{region:06}{birth:06}{sequence:03}")
}

/// A card number of a length with its Luhn check digit.
fn card(prefix: &str, len: usize) -> String {
    let mut body = prefix.to_owned();
    let mut next = 3;
    while body.len() < len - 1 {
        body.push(char::from_digit(next, 10).unwrap());
        next = (next * 7 + 1) % 10;
    }
    (0..10)
        .map(|check| format!("{body}{check}"))
        .find(|number| luhn(number))
        .unwrap()
}

fn luhn(number: &str) -> bool {
    let sum: u32 = digits(number)
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .enumerate()
        .map(|(n, d)| match n % 2 {
            0 => *d,
            _ => d * 2 / 10 + d * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A unified social credit code with its check character.
fn credit_code(body: &str) -> String {
    const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let mut weight = 1;
    let mut sum = 0;
    for c in body.chars() {
        sum += ALPHABET.find(c).unwrap() * weight;
        weight = weight * 3 % 31;
    }
    let check = ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap();
    format!("{body}{check}")
}

fn digits(text: &str) -> impl Iterator<Item = u32> + '_ {
    text.chars().filter_map(|c| c.to_digit(10))
}

/// `number` cut into groups of these lengths.
fn split(number: &str, lengths: &[usize], separator: &str) -> String {
    let mut rest = number;
    let mut groups = Vec::new();
    for &len in lengths {
        let (group, behind) = rest.split_at(len);
        groups.push(group);
        rest = behind;
    }
    groups.join(separator)
}

fn wide(number: &str) -> String {
    number
        .chars()
        .map(|c| char::from_u32(u32::from(c) + 0xFEE0).unwrap())
        .collect()
}

fn linter() -> Linter {
    Linter::new(&Lexicon::default(), &Config::default()).unwrap()
}

fn found(linter: &Linter, name: &str, text: &str) -> Vec<Diagnostic> {
    let mut found = linter.lint(&document(name, text));
    found.retain(|d| d.category == "privacy");
    found
}

/// A text, the rule that must fire in it, and the value that it must find and not show.
struct Case {
    name: &'static str,
    text: String,
    rule: &'static str,
    secret: String,
}

fn case(rule: &'static str, secret: &str, text: String) -> Case {
    Case {
        name: "通知.txt",
        text,
        rule,
        secret: secret.to_owned(),
    }
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    resident_numbers(&mut cases);
    mobiles(&mut cases);
    cards(&mut cases);
    documents(&mut cases);
    plates_and_mailboxes(&mut cases);
    columns(&mut cases);
    markup(&mut cases);
    cases
}

fn resident_numbers(cases: &mut Vec<Case>) {
    const RULE: &str = "privacy/resident-id";
    let id = resident(610_326, 19_900_307, 12);
    let x = resident_with_x();
    for sentence in [
        "申请人张三，身份证号{}。",
        "张三（身份证号码：{}）",
        "当事人李四，公民身份号码{}，住眉县城关镇。",
        "{}",
        "姓名：王五 身份证：{}",
        "王五{}",
        "持证人：赵六，证号{}，",
        "1. 张三 {}",
        "1 张三 {} 13800001234",
        "身份证号:{};",
        "（{}）",
        "“{}”",
        "身份证{}号",
        "张三,男,{},汉族",
        "张三\t{}\t城关镇",
        "经查，{}的持有人",
        "根据举报，李某（{}）存在违法行为。",
        "户主身份证号｜{}｜",
        "纳税人识别号：{}",
        "登录名{}，初始密码为后六位",
    ] {
        cases.push(case(RULE, &id, sentence.replace("{}", &id)));
    }
    for written in [
        split(&id, &[6, 8, 4], " "),
        split(&id, &[6, 8, 4], "-"),
        split(&id, &[6, 8, 4], "\u{3000}"),
        split(&id, &[6, 8, 4], "\u{A0}"),
        split(&id, &[6, 4, 4, 4], " "),
        split(&id, &[4, 4, 4, 4, 2], " "),
        split(&id, &[3, 3, 4, 4, 4], "-"),
        split(&id, &[6, 12], " "),
        split(&id, &[6, 8, 4], "  "),
        split(&id, &[14, 4], "\n"),
        split(&id, &[9, 9], "\u{200B}"),
        split(&id, &[1; 18], " "),
        split(&id, &[6, 8, 4], " - "),
        wide(&id),
        split(&id, &[6, 8, 4], "－"),
        split(&id, &[6, 8, 4], "—"),
    ] {
        cases.push(case(RULE, &id, format!("张三，身份证号{written}。")));
    }
    for written in [
        x.clone(),
        x.replace('X', "x"),
        x.replace('X', "Ｘ"),
        wide(&x),
    ] {
        cases.push(case(RULE, &x, format!("李四，身份证号{written}。")));
    }
    for (region, birth) in [
        (110_101, 20_101_231),
        (820_000, 19_800_101),
        (830_000, 19_751_108),
        (659_001, 20_000_229),
        (500_112, 19_491_001),
    ] {
        let id = resident(region, birth, 7);
        cases.push(case(RULE, &id, format!("申请人证件：{id}。")));
    }
    for number in [&id, &x] {
        cases.push(case(RULE, number, format!("残疾人证号：{number}43。")));
        cases.push(case(RULE, number, format!("张三，残疾人证（{number}12）")));
        cases.push(case(RULE, number, format!("编号：{number}。")));
    }
    let old = old_resident(610_326, 640_815, 121);
    for sentence in [
        "张三，身份证号{}",
        "姓名张三，公民身份号码：{}。",
        "李四（居民身份证{}）",
    ] {
        cases.push(case(RULE, &old, sentence.replace("{}", &old)));
    }
}

fn mobiles(cases: &mut Vec<Case>) {
    const RULE: &str = "privacy/mobile";
    let mobile = "13800001234";
    for sentence in [
        "申请人：李四，联系电话：{}。",
        "申请人李四，电话{}",
        "姓名：王五，手机：{}",
        "村民张三({})反映",
        "户主：赵六 电话 {}",
        "患者陈某，男，1990年3月生，电话{}",
        "当事人周某某，手机号码{}。",
        "学生吴小明的家长吴刚，手机{}",
        "张三，男，汉族，联系方式{}",
        "投诉人：郑和平，联系电话：{}",
        "举报人王大锤（电话：{}）",
        "车主李雷，电话{}，",
        "低保户孙大圣，{}",
        "来电人：钱多多，{}，反映垃圾清运问题",
        "张三身份证610326********1234，手机{}",
        "借款人：冯程程\n手机：{}\n申请人：冯程程，手机{}",
        "被征收人姓名：杜甫，电话：{}",
        "业主高小姐（高洁）、业主高洁，电话{}",
        "困难群众李四，手机号码{}",
        "监测对象：周大勇，电话{}。",
        "李四，手机号：{}",
        "2. 李四 联系电话：{}",
        "反馈电话{}，申请人：李四。",
        "罗某（{}）投诉商家",
        "经调解，王某某，电话：{}。",
    ] {
        cases.push(case(RULE, mobile, sentence.replace("{}", mobile)));
    }
    for written in [
        "138 0000 1234",
        "138-0000-1234",
        "138\u{3000}0000\u{3000}1234",
        "1380000 1234",
        "138-00001234",
        "１３８００００１２３４",
        "138\u{200B}00001234",
        "+8613800001234",
        "+86 13800001234",
        "+86 138 0000 1234",
        "+86-138-0000-1234",
        "0086 138 0000 1234",
        "86-13800001234",
    ] {
        if written == "86-13800001234" {
            continue;
        }
        cases.push(case(
            RULE,
            mobile,
            format!("申请人：李四，联系电话：{written}。"),
        ));
    }
    for list in [
        "张三 {}\n李四 13900005678",
        "张三，{}",
        "3. 张三（{}）",
        "王建国 {} 城关镇某某村",
        "1. 张三 {}\n2. 李四 13900005678\n3. 王五 13700009012",
        "张三，{}\n李四，13900005678",
        "张三：{}；\n李四：13900005678；",
        "城关 张三 {}\n横渠 李四 13900005678",
        "张三（{}）、李四（13900005678）、王五（13700009012）",
        "参会人员：张三{}、李四13900005678",
    ] {
        cases.push(case(RULE, mobile, list.replace("{}", mobile)));
    }
}

fn cards(cases: &mut Vec<Case>) {
    const RULE: &str = "privacy/bank-card";
    let debit = card("622202", 19);
    let credit = card("622575", 16);
    for sentence in [
        "银行卡号：{}",
        "补助资金转入{}。",
        "开户银行：农业银行，账号{}",
        "户名张三，一卡通账号{}",
        "张三 {}",
        "工资卡{}",
    ] {
        cases.push(case(RULE, &debit, sentence.replace("{}", &debit)));
        cases.push(case(RULE, &credit, sentence.replace("{}", &credit)));
    }
    for written in [
        split(&debit, &[4, 4, 4, 4, 3], " "),
        split(&debit, &[6, 13], " "),
        split(&debit, &[4, 4, 4, 4, 3], "-"),
        wide(&debit),
    ] {
        cases.push(case(RULE, &debit, format!("收款银行卡号：{written}")));
    }
    for (prefix, len) in [
        ("436742", 16),
        ("518718", 16),
        ("955880", 19),
        ("621700", 19),
        ("356833", 16),
        ("603694", 17),
    ] {
        let number = card(prefix, len);
        cases.push(case(RULE, &number, format!("请将款项汇入银行卡{number}。")));
    }
}

fn documents(cases: &mut Vec<Case>) {
    for (secret, text) in [
        ("E00000001", "王五，护照号码：E00000001。"),
        ("EA0000001", "护照EA0000001"),
        ("G00000001", "护照号：G00000001，"),
        ("P00000001", "因公护照（P00000001）"),
        ("E00000001", "护照号码Ｅ０００００００１"),
        ("E00000001", "持护照（号码：E 00000001）"),
    ] {
        cases.push(case("privacy/passport", secret, text.to_owned()));
    }
    for (secret, text) in [
        ("H00000001", "持港澳居民来往内地通行证H00000001。"),
        ("M0000000101", "回乡证号码：M0000000101"),
        ("C00000001", "往来港澳通行证C00000001"),
        ("L00000001", "往来台湾通行证号码L00000001"),
        ("00000012", "台胞证号：00000012"),
        ("00000012", "台湾居民来往大陆通行证（00000012）"),
    ] {
        cases.push(case("privacy/permit", secret, text.to_owned()));
    }
}

fn plates_and_mailboxes(cases: &mut Vec<Case>) {
    for (secret, text) in [
        ("陕C00A01", "车主：赵六，车牌号陕C00A01。"),
        ("陕CD00001", "驾驶人李四驾驶陕CD00001小型轿车"),
        ("陕C0000挂", "当事人王五驾驶陕C0000挂号牌车辆"),
        ("京A00001", "张三 京A00001\n李四 京A00002"),
        ("陕C·00A01", "车主：赵六，陕C·00A01"),
        ("陕C·00A01", "车牌号：陕C·00A01，车主：赵六"),
        ("陕AD00001", "张三，陕AD00001"),
        ("陕AD00001", "1. 张三，车牌号：陕AD00001"),
    ] {
        cases.push(case("privacy/plate", secret, text.to_owned()));
    }
    for text in [
        "申请人：李四，邮箱：lisi@example.com。",
        "姓名：李四 邮箱 lisi@example.com",
        "投诉人李四（lisi@example.com）",
        "李四 lisi@example.com",
        "李四，电子邮箱：lisi@example.com",
    ] {
        cases.push(case("privacy/email", "lisi@example.com", text.to_owned()));
    }
}

fn columns(cases: &mut Vec<Case>) {
    const RULE: &str = "privacy/column";
    let (one, two) = (
        resident(610_326, 19_900_307, 12),
        resident(610_303, 19_711_225, 34),
    );
    let debit = card("622202", 19);
    for (header, first, second) in [
        ("身份证号", one.as_str(), two.as_str()),
        ("身份证号码", &one, "未提供"),
        ("公民身份号码", "61032619900307001", &two),
        ("证件号码（18位）", &one, &two),
        ("手机号", "13800001234", "13900005678"),
        ("手机号码", "13800001234", "139****5678"),
        ("联系电话", "13800001234", "13900005678"),
        ("联系方式", "138 0000 1234", "0917-5540000"),
        ("银行卡号", &debit, &debit),
        ("一卡通账号", "2700123456789012345", ""),
        ("银行账号", "6100123456789012", ""),
        ("护照号", "E00000001", "E00000002"),
        ("通行证号码", "H00000001", "M00000002"),
        ("车牌号", "陕C00A01", "陕C00A02"),
        ("电子邮箱", "zhangsan@example.com", "lisi@example.com"),
    ] {
        let markdown = format!(
            "| 序号 | 姓名 | {header} |\n|---|---|---|\n| 1 | 张三 | {first} |\n| 2 | 李四 | {second} |\n"
        );
        let html = format!(
            "<table><tr><th>姓名</th><th>{header}</th></tr><tr><td>张三</td><td>{first}</td></tr>\
             <tr><td>李四</td><td>{second}</td></tr></table>"
        );
        let text = format!("姓名\t{header}\n张三\t{first}\n李四\t{second}\n");
        for (name, text) in [
            ("名单.md", markdown),
            ("名单.html", html),
            ("名单.txt", text),
        ] {
            cases.push(Case {
                name,
                text,
                rule: RULE,
                secret: first.replace(' ', ""),
            });
        }
    }
}

fn markup(cases: &mut Vec<Case>) {
    let id = resident(610_326, 19_900_307, 12);
    let (head, tail) = id.split_at(9);
    for (name, text) in [
        ("a.html", format!("<p>身份证号{head}<b>{tail}</b>。</p>")),
        ("a.html", format!("<p>身份证号{head}<!-- -->{tail}。</p>")),
        ("a.html", format!("<p>身份证号{head}&#8203;{tail}。</p>")),
        ("a.html", format!("<p>身份证号&#54;{}</p>", &id[1..])),
        ("a.html", format!("<p>身份证号{head}<br>{tail}</p>")),
        ("a.html", format!("<img alt=\"张三{id}\" src=\"a.png\">")),
        ("a.html", format!("<title>张三{id}</title>")),
        ("a.md", format!("身份证号{head}**{tail}**。")),
        ("a.md", format!("- 张三 {id}")),
        ("a.md", format!("---\ntitle: 张三{id}\n---\n正文")),
    ] {
        cases.push(Case {
            name,
            text,
            rule: "privacy/resident-id",
            secret: id.clone(),
        });
    }
}

#[test]
fn personal_data_is_found_and_masked() {
    let linter = linter();
    let cases = cases();
    assert!(cases.len() >= 120, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let found = found(&linter, case.name, &case.text);
        let rules: Vec<_> = found.iter().map(|d| d.rule.as_str()).collect();
        if !rules.contains(&case.rule) {
            wrong.push(format!("{} {:?}: {rules:?}", case.rule, case.text));
        }
        for d in &found {
            let shown = format!("{d:?}");
            if squeezed(&shown).contains(&case.secret) {
                wrong.push(format!("shown: {shown}"));
            }
            if d.rule != "privacy/column" {
                assert_eq!(
                    d.suggestions,
                    std::slice::from_ref(&d.found),
                    "{}",
                    case.text
                );
                assert!(d.found.contains('*'), "{}", d.found);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// As a reader sees it who leaves out blanks and hyphens: digits of either width are the same.
fn squeezed(text: &str) -> String {
    text.replace("\\u{200b}", "")
        .chars()
        .filter(|c| !c.is_whitespace() && !"-－—‐\u{200B}".contains(*c))
        .map(|c| match c {
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap(),
            c => c,
        })
        .collect::<String>()
        .to_uppercase()
}

/// Texts that look like personal data and are none, or are meant to be known.
fn look_alikes() -> Vec<(&'static str, String)> {
    let mut texts: Vec<(&'static str, String)> = Vec::new();
    let id = resident(610_326, 19_900_307, 12);
    let debit = card("622202", 19);
    let wrong_check = |number: &str| {
        let (body, last) = number.split_at(number.len() - 1);
        let other = if last == "1" { '2' } else { '1' };
        format!("{body}{other}")
    };
    let code = credit_code("91610326MA6X0000A");
    let all_digits = (0..)
        .map(|n| credit_code(&format!("91610326{n:09}")))
        .find(|c| c.bytes().all(|b| b.is_ascii_digit()))
        .unwrap();
    // Numbers with a wrong check digit, an impossible day or region, or one digit too many.
    for number in [
        wrong_check(&id),
        resident(610_326, 19_901_307, 12),
        resident(610_326, 19_900_230, 12),
        resident(990_326, 19_900_307, 12),
        resident(610_026, 19_900_307, 12),
        format!("{id}0"),
        format!("A{id}"),
        format!("{id}-K").replace('-', ""),
        format!("0.{id}"),
    ] {
        texts.push(("编号", format!("编号{number}。")));
    }
    for masked in [
        "610326********1234",
        "610326199003****12",
        "6103261990********",
        "610***********1234",
        "6103261990XXXX1234",
        "610326××××××××1234",
        "610326●●●●●●●●1234",
        "6********************4",
        "******199003070012",
    ] {
        texts.push(("masked", format!("张三，身份证号{masked}。")));
        texts.push((
            "masked.md",
            format!("| 姓名 | 身份证号 |\n|---|---|\n| 张三 | {masked} |\n"),
        ));
    }
    for masked in [
        "138****1234",
        "1380000****",
        "138xxxx1234",
        "138XXXX1234",
        "*******1234",
        "138●●●●1234",
        "138 **** 1234",
    ] {
        texts.push(("masked", format!("申请人：李四，联系电话：{masked}。")));
        texts.push((
            "masked.md",
            format!("| 姓名 | 手机号 |\n|---|---|\n| 张三 | {masked} |\n"),
        ));
    }
    for masked in [
        "6222 **** **** 1234",
        "6222************1234",
        "622202*********1234",
    ] {
        texts.push(("masked", format!("张三，银行卡号{masked}。")));
        texts.push((
            "masked.md",
            format!("| 姓名 | 银行卡号 |\n|---|---|\n| 张三 | {masked} |\n"),
        ));
    }
    for sentence in [
        "统一社会信用代码：{}",
        "统一社会信用代码{}，法定代表人张三",
        "纳税人识别号：{}。",
        "信用代码（{}）",
        "某某公司 {}",
        "被处罚单位：某某公司，代码{}",
    ] {
        texts.push(("credit code", sentence.replace("{}", &code)));
        texts.push(("credit code", sentence.replace("{}", &all_digits)));
    }
    contacts(&mut texts);
    numbers(&mut texts, &debit);
    offices(&mut texts);
    other_documents(&mut texts);
    texts
}

/// Lines and contacts that are meant to be known.
fn contacts(texts: &mut Vec<(&'static str, String)>) {
    for sentence in [
        "联系人：李四，联系电话：{}。",
        "联系人：李四　电话：{}",
        "联系人：李四 {}",
        "（联系人：李四，电话：0917-5540000，{}）",
        "联系人及电话：李四，{}",
        "咨询电话：{}",
        "投诉举报电话：{}",
        "监督电话：{}（李主任）",
        "值班电话：{}",
        "服务热线：{}",
        "报名电话：{}",
        "技术支持：王工 {}",
        "技术支持电话：{}",
        "客服电话 {}",
        "办公电话：0917-5540000 传真：{}",
        "请拨打{}咨询",
        "如有疑问，请联系李四（{}）。",
        "联系电话：{}",
        "手机：{}",
        "电话：{}　邮箱：msb@example.com",
        "负责人：张三，电话：{}",
        "经办人：张三　{}",
        "采购人：某某局 联系人：张三 联系方式：{}",
        "采购代理机构：某某公司 项目经理：李四 {}",
        "招标人：某某局　电话：{}",
        "受理部门电话：{}",
        "报警求助：{}",
        "救援电话{}",
        "联系人姓名：李四，电话：{}",
        "请各村民拨打举报电话{}。",
        "居民如需帮助，请致电{}。",
        "维修师傅电话{}",
        "县气象台值班室：{}",
        "微信号：{}",
        "加微信{}进群",
        "工作时间外请拨打 {}",
        "接待电话：{}，地址：县政务大厅",
        "网址：http://example.com/p/{}",
        "www.example.com/{}",
        "附件地址：https://example.com/files/{}/list.html",
    ] {
        texts.push(("contact", sentence.replace("{}", "13800001234")));
    }
    for text in [
        "联系人：张三 13800001234\n联系人：李四 13900005678",
        "联系人及电话\n\n张三 13800001234",
        "有关事项请联系：\n\n张三　13800001234",
        "张三同志（13800001234）负责联络",
        "张主任 13800001234\n李科长 13900005678",
        "县应急局办公室 13800001234\n县水利局值班室 13900005678",
        "高新区 13800001234\n金台区 13900005678",
        "城关镇 13800001234\n横渠镇 13900005678",
        "政策咨询：张三 13800001234，李四 13900005678",
        "联系人：张三（13800001234）、李四（13900005678）",
        "河长：张三 13800001234\n副河长：李四 13900005678",
    ] {
        texts.push(("contacts", text.to_owned()));
    }
}

/// Numbers of other kinds.
fn numbers(texts: &mut Vec<(&'static str, String)>, debit: &str) {
    for sentence in [
        "订单编号{}",
        "订单号：{}。",
        "快递单号{}",
        "运单号：{}",
        "流水号{}",
        "交易流水号：{}",
        "合同编号：{}",
        "项目代码{}",
        "许可证编号{}",
        "票据批号{}",
        "缴款码：{}",
        "备案号：{}",
        "受理号{}",
        "设备序列号{}",
        "标识码{}",
    ] {
        texts.push(("order", sentence.replace("{}", debit)));
    }
    // Region, day and a running number, which passes for a resident number once in eleven times.
    let serial = resident(610_326, 20_240_301, 12);
    for sentence in [
        "采购编号：{}",
        "项目代码{}，",
        "订单号{}",
        "申请人：李四，受理号：{}。",
        "许可证编号：{}",
    ] {
        texts.push(("serial", sentence.replace("{}", &serial)));
    }
    texts.push((
        "a.md",
        format!("| 序号 | 项目代码 |\n|---|---|\n| 1 | {serial} |\n"),
    ));
    for text in [
        "12345政务服务便民热线",
        "12345、12315、12389、12388、12309热线",
        "全国统一客服95588、4001234567",
        "400-123-4567",
        "0917-5540000",
        "（029）87654321",
        "029-87654321转8001",
        "国发〔2024〕10号",
        "陕政办发〔2024〕123号",
        "2024年第12号公告",
        "GB 11643—1999",
        "GB/T 15835—2011",
        "ISBN 978-7-5066-6666-6",
        "2024年7月4日至2024年12月31日",
        "20240704",
        "2024-07-04 10:00:00",
        "20240704100000123",
        "时间戳1720051200000",
        "2024070410000012",
        "投资项目代码：2404-610326-04-01-123456",
        "2404-610326-04-05-778899",
        "总投资123456789012元",
        "财政拨款1234567890.12元",
        "合计 1,234,567,890,123,456 元",
        "面积12345678901平方米",
        "产量13800001234公斤",
        "1.3800001234亿元",
        "占13.800001234%",
        "身高体重170 65 36 25 24 18",
        "15.2 38.6 46.2",
        "2019 2020 2021 2022 2023 2024",
        "100 200 300 400 500 600",
        "1000 2000 3000 4000",
        "4000 5000 6000 7000",
        "2020 2021 2022 2023",
        "13800 001234",
        "1380000123",
        "138000012345",
        "12800001234",
        "138-0000-1234-5678",
        "13 800 001 234",
        "坐标107.752345678901,34.274567890123",
        "邮编722300",
        "610326",
        "行政区划代码610326000000",
        "610326100001",
        "村级代码610326100201",
        "不动产权证号：陕（2024）眉县不动产权第0001234号",
        "不动产单元号610326001001GB00001F00010001",
        "地块编号610326-2024-0012",
        "宗地代码610326001001GB00123",
        "学籍号G610326201509010012",
        "考生号24610326150001",
        "准考证号610326202401",
        "准考证号 2461032610123",
        "档案编号0123456789012345",
        "IMEI 867530901234567",
        "条码6901234567892",
        "发票代码061002300111 发票号码12345678",
        "电子发票24612000000012345678",
        "QQ群123456789",
        "QQ号1234567890",
        "社保编号6103260012345678",
        "组织机构代码01601234-5",
        "机构编码H61032600001",
        "医保编码P610326000012",
        "车架号LSVAA4187C2000001",
        "发动机号13800001234A",
        "A13800001234",
        "银行联行号102793000012",
        "对公账户：26012345678901234567",
        "开户行：某某银行，账号：103612345678",
        "保证金账户 61050164000800000123",
        "国药准字Z20240001",
        "备案编号：陕ICP备12345678号-1",
        "陕公网安备61032602000123号",
        "标准号DB61/T 1234-2024",
        "批准文号 61032620240012",
        "水表号 201901012345",
        "电表户号 6103261234567890",
    ] {
        texts.push(("number", text.to_owned()));
    }
}

/// What belongs to offices and firms.
fn offices(texts: &mut Vec<(&'static str, String)>) {
    for (header, value) in [
        ("联系电话", "13800001234"),
        ("联系电话", "0917-5540000"),
        ("办公电话", "0917-5540000"),
        ("电子邮箱", "office@example.com"),
        ("账号", "6222024000000000"),
        ("咨询电话", "12345"),
    ] {
        texts.push((
            "offices.md",
            format!("| 单位 | 联系人 | {header} |\n|---|---|---|\n| 县水利局 | 张三 | {value} |\n| 县林业局 | 李四 | {value} |\n"),
        ));
        texts.push((
            "offices.md",
            format!("| 窗口 | 地址 | {header} |\n|---|---|---|\n| 社保 | 一楼 | {value} |\n| 医保 | 二楼 | {value} |\n"),
        ));
    }
    for text in [
        "| 序号 | 项目 | 金额 |\n|---|---|---|\n| 1 | 道路 | 13800001234 |\n",
        "| 序号 | 文号 | 日期 |\n|---|---|---|\n| 1 | 〔2024〕10号 | 20240704 |\n",
        "| 序号 | 单位 | 统一社会信用代码 |\n|---|---|---|\n| 1 | 某公司 | 91610326MA6X0000AB |\n",
        "| 姓名 | 职务 | 联系电话 |\n|---|---|---|\n| 张三 | 河长 | 13800001234 |\n",
        "| 姓名 | 联系电话 |\n|---|---|\n| 张三 | 0917-5540000 |\n",
        "| 姓名 | 手机号 |\n|---|---|\n| 张三 |  |\n",
        "| 姓名 | 身份证号 |\n|---|---|\n| 张三 | 已核验 |\n",
        "| 姓名 | 身份证号后四位 |\n|---|---|\n| 张三 | 0012 |\n",
        "| 公务用车 | 车牌号 | 处置方式 |\n|---|---|---|\n| 轿车 | 陕C00A01 | 拍卖 |\n",
        "| 路段 | 车牌 |\n|---|---|\n| 一路 | 陕C00A01 |\n",
    ] {
        texts.push(("offices.md", text.to_owned()));
    }
}

/// Passports, permits, plates and mailboxes that are none, or an office's.
fn other_documents(texts: &mut Vec<(&'static str, String)>) {
    for text in [
        "产品型号E00000001",
        "设备编号G12345678",
        "护照办理时间：20240704",
        "护照、通行证等证件",
        "持护照入境，航班号CA1234",
        "E00000001批次药品",
        "通行证编号另行通知",
        "车辆通行证于20240704前办理",
        "大陆通行证2024年7月4日起",
        "往来港澳通行证签注",
        "公务用车陕C00A01已报废",
        "陕C00A01号公交车",
        "车牌以陕C开头",
        "京A、京B号牌",
        "鲁A级景区",
        "新A股",
        "邮箱：msbgs@example.com",
        "联系邮箱office@example.com，联系电话0917-5540000",
        "投稿邮箱：news@example.com",
        "请发送至监督邮箱 jb@example.com",
        "联系人：李四，邮箱：lisi@example.com",
        "申请人：李四，邮箱：lisi@meixian.gov.cn",
        "微博@眉县发布",
        "@全体村民",
        "关注@example",
        "user@localhost",
        "张工，邮箱：zhang@example.com",
        "李老师，联系电话：13800001234",
        "咨询电话：0917-5540000\n李四，手机：13800001234",
    ] {
        texts.push(("document", text.to_owned()));
    }
}

#[test]
fn look_alikes_are_left_alone() {
    let linter = linter();
    let texts = look_alikes();
    let distinct: BTreeSet<_> = texts.iter().map(|(_, text)| text).collect();
    assert!(distinct.len() >= 200, "{}", distinct.len());
    let wrong: Vec<_> = texts
        .iter()
        .flat_map(|(name, text)| {
            let name = if name.ends_with(".md") {
                name
            } else {
                "通知.txt"
            };
            let found = found(&linter, name, text);
            found
                .into_iter()
                .map(move |d| format!("{} {} in {text:?}", d.rule, d.found))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_output_shows_a_value() {
    let linter = linter();
    for case in cases() {
        let document = document(case.name, &case.text);
        for lang in [Lang::Zh, Lang::En] {
            let report = Report {
                lang,
                documents: vec![DocumentReport {
                    path: case.name.to_owned(),
                    kind: Some(document.kind),
                    diagnostics: linter.lint(&document),
                    ..DocumentReport::default()
                }],
                ..Report::default()
            };
            for output in [
                OutputFormat::Json,
                OutputFormat::Jsonl,
                OutputFormat::Sarif,
                OutputFormat::Github,
                OutputFormat::GithubSummary,
                OutputFormat::Gitlab,
                OutputFormat::Checkstyle,
                OutputFormat::Junit,
                OutputFormat::Rdjson,
                OutputFormat::Unix,
                OutputFormat::Csv,
                OutputFormat::Html,
                OutputFormat::Notice,
                OutputFormat::NoticeHtml,
                #[cfg(feature = "cli")]
                OutputFormat::Human {
                    color: false,
                    quiet: false,
                    width: Some(80),
                },
            ] {
                let mut out = Vec::new();
                report::write(output, &report, &mut out).unwrap();
                let out = String::from_utf8(out).unwrap();
                assert!(!squeezed(&out).contains(&case.secret), "{out}");
            }
        }
    }
}

#[test]
fn reports_for_others_show_no_number_in_the_name_of_a_file() {
    let id = resident(610_326, 19_900_307, 12);
    let path = format!("申请/张三{id}.txt");
    let text = format!("申请人张三，身份证号{id}。");
    let report = Report {
        documents: vec![DocumentReport {
            path: path.clone(),
            diagnostics: linter().lint(&document(&path, &text)),
            ..DocumentReport::default()
        }],
        ..Report::default()
    };
    for output in [
        OutputFormat::Html,
        OutputFormat::Notice,
        OutputFormat::NoticeHtml,
    ] {
        let mut out = Vec::new();
        report::write(output, &report, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(
            !out.contains(&id) && out.contains("申请/张三610326"),
            "{out}"
        );
    }
}

#[test]
fn the_neighbours_of_another_mistake_are_masked_too() {
    let id = resident(610_326, 19_900_307, 12);
    let text = format!(
        "截止目前，张三（{id}）和{} 已办结，，李四13800001234。",
        resident(610_326, 19_711_225, 34)
    );
    let toml = "category = 'p'\n[[pattern]]\nname = 'all'\nregex = '张三.*办结'\nmessage = '见“$0”'\nsuggestion = '“$0”'\n\
                [[pattern]]\nname = 'comma'\nregex = '，，'\nmessage = '逗号'\n[pairs]\n'截止目前' = '截至目前'\n";
    for config in [
        Config::default(),
        Config {
            disabled: vec!["privacy".to_owned()],
            ..Config::default()
        },
    ] {
        let linter = Linter::new(&crate::support::lexicon(toml), &config).unwrap();
        let found = linter.lint(&document("a.txt", &text));
        assert!(found.len() >= 3, "{found:?}");
        for d in found {
            let shown = squeezed(&format!("{d:?}"));
            assert!(!shown.contains(&id), "{shown}");
            assert!(
                shown.contains("截至目前")
                    || !shown.contains("截止目前")
                    || d.rule.starts_with('p')
            );
        }
    }
}

#[test]
fn the_mask_can_be_written_back() {
    let linter = linter();
    let id = resident(610_326, 19_900_307, 12);
    let masked = format!("{}********{}", &id[..6], &id[14..]);
    for (name, before, after) in [
        (
            "a.txt",
            format!("申请人张三，身份证号{id}，电话138 0000 1234。"),
            format!("申请人张三，身份证号{masked}，电话138 **** 1234。"),
        ),
        (
            "a.html",
            format!(
                "<table><tr><th>姓名</th><th>身份证号</th></tr><tr><td>张三</td><td>{}<b>{}</b></td></tr><tr><td>李四</td><td>{id}</td></tr></table>",
                &id[..9],
                &id[9..]
            ),
            format!(
                "<table><tr><th>姓名</th><th>身份证号</th></tr><tr><td>张三</td><td>{}********<b>{}</b></td></tr><tr><td>李四</td><td>{masked}</td></tr></table>",
                &id[..6],
                &id[14..]
            ),
        ),
        (
            "a.txt",
            format!("姓名\t身份证号\n张三\t{id}\n李四\t{}\n", wide(&id)),
            format!(
                "姓名\t身份证号\n张三\t{masked}\n李四\t{}********{}\n",
                wide(&id[..6]),
                wide(&id[14..])
            ),
        ),
    ] {
        let document = document(name, &before);
        let untouched = fix::apply(
            &linter,
            &document,
            &fix::Choice::at_least(Applicability::Safe),
        )
        .unwrap();
        assert_eq!(untouched.bytes, before.as_bytes(), "never unasked");
        let fixed = fix::apply(
            &linter,
            &document,
            &fix::Choice::at_least(Applicability::Unsafe),
        )
        .unwrap();
        assert_eq!(String::from_utf8(fixed.bytes.clone()).unwrap(), after);
        assert!(fixed.remaining.is_empty(), "{:?}", fixed.remaining);
        let again = Document::parse(name, fixed.bytes, &ReadOptions::default()).unwrap();
        assert!(linter.lint(&again).is_empty());
    }
}
