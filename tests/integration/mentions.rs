//! Quoting a mistake is not making it; having quotation marks is not quoting a mistake.

use crate::support::{lint, linter};

const LEXICON: &str = r#"
category = "test"
[pairs]
"习总书记" = "习近平总书记"
"一二三产融合" = "一二三产业融合"
"扫黑险恶" = "扫黑除恶"
"政府采购实施条例" = "政府采购法实施条例"
"攻府" = "政府"
"#;

/// Y stands for a wrong form, X for the right one.
const PAIRS: [(&str, &str); 3] = [
    ("习总书记", "习近平总书记"),
    ("扫黑险恶", "扫黑除恶"),
    ("政府采购实施条例", "政府采购法实施条例"),
];

/// Frames in which Y is quoted as a mistake.
const MENTIONS: &[&str] = &[
    "信息审核把关不严，将“X”错写为“Y”。",
    "把“X”写成了“Y”，影响很坏。",
    "栏目中“X”误写为“Y”，多次被通报。",
    "有的单位将“X”错写成“Y”，有的漏发信息。",
    "“X”写成“Y”，说明审核流于形式。",
    "误将“X”写成“Y”。",
    "将X错写为Y。",
    "文中“Y”应为“X”。",
    "第3页第2行“Y”应改为“X”。",
    "标题中的“Y”请改为“X”。",
    "“Y”一词使用错误，应为“X”。",
    "各单位不得使用“Y”。",
    "行文中不得使用“Y”等不规范简称。",
    "正式公文中不应称“Y”。",
    "“X”不能简称为“Y”。",
    "禁用“Y”，统一使用“X”。",
    "检查发现网站出现“Y”等错误表述。",
    "存在将“X”表述为“Y”的问题。",
    "错误表述：Y；正确表述：X。",
    "误：Y　正：X",
    "【错误】Y【正确】X",
    "落实Y（应为X）要求。",
    "Y→X",
    "1. Y——X",
    "原稿写道：Y［原文如此］。",
    "正确写法是“X”，不是“Y”。",
    "应写“X”，不写“Y”。",
    "“Y”是错误的。",
    "“Y”的说法不规范，应予纠正。",
    "规范表述为“X”，而非“Y”。",
    "把“X”简称为“Y”不妥。",
    "出现“Y”（应为“X”）1处。",
    "附件中的“Y”有误。",
    "疑似差错：Y 建议修改：X",
    "“Y”系“X”之误。",
    "Y（×）　X（√）",
    "×Y　√X",
    "严禁出现“Y”之类的差错。",
    "切勿写成“Y”。",
    "不得将“X”简称为“Y”。",
    "对“Y”等错误表述，要立即整改。",
    "Y（错误）",
    "“X”错成“Y”，上百家网站出现相同错误。",
    "如将“甲”错写为“乙”，“X”错写为“Y”，多次被通报。",
];

/// Frames in which Y is simply written.
const MADE: &[&str] = &[
    "学习Y重要讲话精神。",
    "会议围绕“Y”展开讨论。",
    "大会以“Y”为主题，代表们踊跃发言。",
    "认真落实Y要求，工作应为群众着想。",
    "开展“Y”专题学习，干部应为表率。",
    "印发《关于学习Y的通知》。",
    "“Y”进校园活动启动。",
    "有人把公章盖成了红色，同时学习Y要求。",
    "不得使用公款。学习Y精神。",
    "误写材料的同志要检讨；全县学习Y精神。",
    "会议指出，Y对我们提出了新要求，应是全县工作的遵循。",
    "县委（扩大）会议传达学习Y精神，提出错误观点要纠正。",
    "一、Y（2026年第一季度）",
    "标题：学习Y的体会",
    "原定于周五的“Y”宣讲改为周六。",
    "将“Y”宣讲改为线上进行。",
    "将“Y”活动改为“送学上门”活动。",
    "正确理解Y的深刻内涵。",
    "对照“Y”要求，查找不规范的问题。",
    "“Y”知识竞赛报名有误的，请联系办公室。",
    "贯彻“Y”，不得弄虚作假。",
    "全面学习“Y”“三农”等重要论述。",
    "学习材料写成后，“Y”专栏同步上线。",
    "统一写成“Y”专题材料报送。",
    "材料应写成“Y”学习体会。",
    "建议加强“Y”的学习。",
    "出现困难时，想一想“Y”的要求。",
    "存在差距的单位要学习“Y”。",
    "“Y”是我们的行动指南。",
    "Y，是全县干部的主心骨。",
    "（一）Y；（二）其他事项。",
    "学习Y和X的有关论述。",
    "深入学习Y重要讲话，深刻领会X重要指示。",
    "错误思想要纠正，“Y”要牢记。",
    "表格填报错误率下降，Y宣讲覆盖率上升。",
    "“学习Y”系列活动。",
    "他说：“我们牢记Y的嘱托。”",
    "记者写道：“村民说起Y，满怀感激。”",
    "为“Y”点赞，为错误买单。",
    "此处不用客气，“Y”精神大家一起学。",
];

#[test]
fn a_quoted_mistake_is_demoted_and_never_fixed() {
    let linter = linter(LEXICON);
    let mut wrong = Vec::new();
    let mut count = 0;
    for frame in MENTIONS {
        for (bad, good) in PAIRS {
            count += 1;
            let text = frame.replace('Y', bad).replace('X', good);
            let found = lint(&linter, "a.txt", &text);
            let demoted = !found.is_empty()
                && found.iter().all(|d| {
                    d.demoted.is_some()
                        && d.fix.as_ref().is_none_or(|f| {
                            f.applicability == zhengming::Applicability::DisplayOnly
                        })
                });
            if !demoted {
                wrong.push(text);
            }
        }
    }
    assert!(count >= 120);
    assert!(wrong.is_empty(), "not demoted: {wrong:#?}");
}

#[test]
fn a_made_mistake_is_reported_whatever_stands_around_it() {
    let linter = linter(LEXICON);
    let mut wrong = Vec::new();
    let mut count = 0;
    for frame in MADE {
        for (bad, good) in PAIRS {
            count += 1;
            let text = frame.replace('Y', bad).replace('X', good);
            let found = lint(&linter, "a.txt", &text);
            if found.iter().filter(|d| d.demoted.is_none()).count() != 1 {
                wrong.push(text);
            }
        }
    }
    assert!(count >= 120);
    assert!(wrong.is_empty(), "hidden: {wrong:#?}");
}

#[test]
fn tables_that_list_mistakes() {
    let linter = linter(LEXICON);
    let all_demoted = |name: &str, text: &str, want: usize| {
        let found = lint(&linter, name, text);
        assert_eq!(found.len(), want, "{text}");
        assert!(
            found.iter().all(|d| d.demoted.is_some()),
            "{text}: {found:#?}"
        );
    };
    let none_demoted = |name: &str, text: &str, want: usize| {
        let found = lint(&linter, name, text);
        assert_eq!(found.len(), want, "{text}");
        assert!(
            found.iter().all(|d| d.demoted.is_none()),
            "{text}: {found:#?}"
        );
    };
    all_demoted(
        "a.md",
        "| 序号 | 错误表述 | 正确表述 |\n|---|---|---|\n| 1 | 习总书记 | 习近平总书记 |\n| 2 | 学习扫黑险恶文件 | 学习扫黑除恶文件 |\n",
        2,
    );
    all_demoted(
        "a.html",
        "<table><tr><th>错误内容</th><th>修改建议</th></tr><tr><td>习总书记讲话</td><td>补“近平”</td></tr></table>",
        1,
    );
    all_demoted("a.txt", "序号\t误\t正\n1\t扫黑险恶\t扫黑除恶\n", 1);
    none_demoted(
        "b.md",
        "| 序号 | 工作内容 | 责任单位 |\n|---|---|---|\n| 1 | 学习习总书记讲话 | 县委办 |\n",
        1,
    );
    none_demoted(
        "b.md",
        "| 错误类型 | 工作内容 |\n|---|---|\n| 无 | 学习习总书记讲话 |\n",
        1,
    );
}

#[test]
fn struck_text_is_on_its_way_out() {
    let linter = linter(LEXICON);
    for (name, text) in [
        ("a.md", "落实~~扫黑险恶~~扫黑除恶要求"),
        (
            "a.html",
            "<p>落实<del>扫黑险恶</del><ins>扫黑除恶</ins>要求</p>",
        ),
    ] {
        let found = lint(&linter, name, text);
        assert_eq!(found.len(), 1, "{name}");
        assert!(found[0].demoted.is_some(), "{name}");
    }
}

/// The canonical form may be a part of the wrong one, which then corrects nothing.
#[test]
fn a_wrong_form_beside_itself_is_no_correction() {
    let linter = linter(
        "category = \"t\"\n[[entry]]\ncanonical = \"教育部\"\nforbidden = [\"国家教育部\", \"国家的教育部\"]\n",
    );
    for (name, text, made) in [
        ("a.txt", "国家教育部 国家教育部", 2),
        ("a.txt", "国家教育部/国家教育部", 2),
        ("a.txt", "国家的教育部 国家教育部 国 家教育部", 3),
        ("a.txt", "写成国家教育部，国家教育部", 2),
        ("a.txt", "国家教育部是国家教育部", 2),
        (
            "a.md",
            "|国家教育部|国家教育部|\n|--|--|\n|国家教育部|国家的教育部|\n",
            4,
        ),
        ("a.txt", "国家教育部/教育部", 0),
        ("a.txt", "“国家教育部”应为“教育部”", 0),
        ("a.md", "|国家教育部|教育部|\n|--|--|\n", 0),
    ] {
        let found = lint(&linter, name, text);
        let count = found.iter().filter(|d| d.demoted.is_none()).count();
        assert_eq!(count, made, "{text}");
    }
}
