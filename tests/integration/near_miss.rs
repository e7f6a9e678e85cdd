//! Near misses of official forms: planted slips are found, good text beside the forms is not reported.

use zhengming::lexicon::{Layer, Lexicon};
use zhengming::{Applicability, Config, Diagnostic, Lang, Linter, Severity};

use crate::slips::{Dice, Kind, Planted, Planter, forms, share};
use crate::support::{lint, linter};

/// Every so many forms is edited: the large run is `examples/near_miss_recall.rs`.
const STEP: usize = 29;

const TERMS: &str = "category = 'office'\n[[terms]]\nsource = '国家法律法规数据库'\n\
    forms = ['中华人民共和国招标投标法', '中华人民共和国海关法', '农药管理条例', '国家发展和改革委员会', '生态环境部', \
    '中华人民共和国', '国家税务总局', '城乡居民基本医疗保险', '中华人民共和国政府采购法实施条例']\n\
    variants = '城镇居民基本医疗保险'";

fn found(text: &str) -> Vec<Diagnostic> {
    lint(&linter(TERMS), "a.txt", text)
}

#[test]
fn slips_say_what_differs() {
    for (text, rule, found_form, what) in [
        (
            "依照中华人民共和国招投标标法办理。",
            "中华人民共和国招标投标法",
            "中华人民共和国招投标标法",
            "前后颠倒，应为“标投”",
        ),
        (
            "国家发展和改戈委员会印发通知",
            "国家发展和改革委员会",
            "国家发展和改戈委员会",
            "“戈”应为“革”",
        ),
        (
            "国家税务总总局公告",
            "国家税务总局",
            "国家税务总总局",
            "多“总”字",
        ),
        (
            "参加城乡居民本医疗保险的",
            "城乡居民基本医疗保险",
            "城乡居民本医疗保险",
            "缺“基”字",
        ),
        (
            "依照《招标头标法》办理",
            "中华人民共和国招标投标法",
            "招标头标法",
            "“头”应为“投”",
        ),
        (
            "国家发展和改格委圆会印发",
            "国家发展和改革委员会",
            "国家发展和改格委圆会",
            "有两处不同",
        ),
    ] {
        let all = found(text);
        let [d] = all.as_slice() else {
            panic!("{text}: {all:?}");
        };
        assert_eq!(d.rule, format!("near-miss/{rule}"), "{text}");
        assert_eq!(
            (d.category.as_str(), d.severity),
            ("near-miss", Severity::Warning)
        );
        assert_eq!(d.found, found_form);
        assert!(
            d.message.render(Lang::Zh).ends_with(what),
            "{text}: {}",
            d.message.render(Lang::Zh)
        );
        let fix = d.fix.as_ref().unwrap();
        assert_eq!(fix.applicability, Applicability::Unsafe);
        assert_eq!(d.source.as_deref(), Some("国家法律法规数据库"));
    }
}

#[test]
fn good_text_near_a_form_is_silent() {
    for text in [
        "依照中华人民共和国招标投标法和《招标投标法》办理。",
        "生态环境保护工作，改善生态环境质量，生态环境部门",
        "城镇居民基本医疗保险",
        "发展中国家税务局",
        "招标投标法律法规，海关法规",
        "住房和城乡建设部",
        "国家税务局",
        "各中华人民共和国公民",
        "农药经营管理条例",
        "根据《穆棱市市容和环境卫生管理条例》处理",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}

#[test]
fn another_wording_is_no_slip() {
    let terms = "category = 'office'\n[[terms]]\nsource = '章程'\nforms = ['科教兴国战略', '领导小组组长', \
        '中国红十字会总会', '为共产主义奋斗终身', '中国人民解放军驻香港部队', '地方各级人民政府', \
        '中华人民共和国植物新品种保护条例', '湘西土家族苗族自治州', '中国人民解放军', '国家综合性消防救援队伍', \
        '党的建设新的伟大工程', '现代化产业体系', '国家卫生健康委员会', '中华人民共和国公司法', '党的二十大', '永胜县财政局', '长安区人民法院']\n";
    let linter = linter(terms);
    for text in [
        "实施科教兴豫战略、科教兴农战略",
        "国家科技领导小组副组长",
        "中国红十字总会发出呼吁",
        "为共产主义而奋斗终身的誓言",
        "中国人民解放军驻港部队军营",
        "地方省级人民政府行业主管部门",
        "香港《植物品种保护条例》规定的权利人",
        "湘西土家族苗族自治州州委",
        "中国人民解放军军以上单位",
        "距离国家综合性消防救援队较远的企业",
        "新时期党的建设的伟大工程",
        "健全现代文化产业体系",
        "国家卫生健康委已会同有关部门",
        "中华人民共和国司法机关",
        "党的十二大以来",
        "云南省永仁县财政局",
        "深圳市宝安区人民法院",
    ] {
        let all = lint(&linter, "a.txt", text);
        assert!(all.is_empty(), "{text}: {all:?}");
    }
    for text in [
        "实施科教兴果战略",
        "领导小组祖长",
        "永胜县材政局",
        "中国红十会总会发出呼吁",
        "为共产主义奋斗身终的誓言",
        "中国人民解放军驻香港步队军营",
        "地方各圾人民政府",
        "《植物新品种保条例》",
        "《中华人民共和国植物品种保护条例》",
        "国家综合性消仿救援队伍",
        "党的建设新的伟大工工程",
        "现代化产业休系",
        "中华人民共和国公公司法",
    ] {
        let all = lint(&linter, "a.txt", text);
        assert_eq!(all.len(), 1, "{text}: {all:?}");
    }
}

#[test]
fn a_variant_without_the_first_character_of_a_form_is_right() {
    let terms = "category = 'office'\n[[terms]]\nsource = '章程'\nforms = ['工商业联合会办公室']\n";
    let text = "请向州商业联合会办公室报告";
    assert_eq!(lint(&linter(terms), "a.txt", text).len(), 1);
    let terms = format!("{terms}variants = ['商业联合会办公室']\n");
    assert!(lint(&linter(&terms), "a.txt", text).is_empty());
}

#[test]
fn near_misses_can_be_switched_off() {
    let lexicon = crate::support::lexicon(TERMS);
    let text = "国家发展和改戈委员会";
    for (name, count) in [
        ("near-miss", 0),
        ("near-miss/国家发展和改革委员会", 0),
        ("near-miss/生态环境部", 1),
    ] {
        let config = Config {
            disabled: vec![name.to_owned()],
            ..Config::default()
        };
        let linter = Linter::new(&lexicon, &config).unwrap();
        assert_eq!(lint(&linter, "a.txt", text).len(), count, "{name}");
    }
    let off = TERMS.replace("variants =", "near_miss = false\nvariants =");
    assert!(lint(&linter(&off), "a.txt", text).is_empty());
}

#[test]
fn planted_slips_are_found() {
    let lexicon = Lexicon::load(&[Layer::builtin()]).unwrap();
    let linter = Linter::new(&lexicon, &Config::default()).unwrap();
    let texts = [
        include_str!("../corpus/消防法.txt"),
        include_str!("../corpus/优化营商环境条例.txt"),
        include_str!("../corpus/自撰-报告.txt"),
    ];
    let lines = texts.iter().flat_map(|t| t.lines()).map(str::trim);
    let mut planter = Planter {
        linter: &linter,
        sentences: lines
            .filter(|l| l.chars().count() >= 20)
            .map(str::to_owned)
            .collect(),
        dice: Dice::new(),
    };
    let mut planted: Vec<Planted> = Vec::new();
    for form in forms(&lexicon).iter().step_by(STEP) {
        for kind in Kind::ALL {
            planted.extend(planter.plant(form, kind));
        }
    }
    for (kind, least) in [
        (Kind::Swapped, 95.0),
        (Kind::Homophone, 80.0),
        (Kind::Inserted, 80.0),
        (Kind::Doubled, 80.0),
        (Kind::Dropped, 55.0),
        (Kind::Other, 55.0),
    ] {
        let found = share(planted.iter().filter(|p| p.kind == kind));
        let missed = planted.iter().filter(|p| p.kind == kind && !p.found);
        let missed: Vec<_> = missed.map(|p| (&p.form, &p.text)).take(5).collect();
        assert!(
            found >= least,
            "{kind:?}: {found:.1} % of the slips are found, not {least} %: {missed:?}"
        );
    }
    let long = share(planted.iter().filter(|p| p.is_long()));
    assert!(
        long >= 85.0,
        "{long:.1} % in forms of ten characters and more"
    );
}
