//! Which characters are taken for each other: by sound, by shape, by the keys that type them.

use std::collections::HashSet;
use std::sync::OnceLock;

use pinyin::{PinyinMulti, ToPinyinMulti as _};

/// How one character came to stand in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The same syllable, whatever the tone: what a pinyin input method mixes up.
    Sound,
    /// Alike to the eye, or typed with the same keys of the five-stroke method.
    Shape,
    /// Neither.
    Other,
}

/// The class of the confusion of two different characters.
pub(super) fn class(a: char, b: char) -> Class {
    if sound_alike(a, b) {
        Class::Sound
    } else if alike().contains(&(a, b)) {
        Class::Shape
    } else {
        Class::Other
    }
}

/// All pairs of characters that share a group of the tables.
fn alike() -> &'static HashSet<(char, char)> {
    static PAIRS: OnceLock<HashSet<(char, char)>> = OnceLock::new();
    PAIRS.get_or_init(|| {
        let groups = [LOOK_ALIKE, SAME_KEYS]
            .into_iter()
            .flat_map(str::split_whitespace);
        let pairs = groups.flat_map(|group| {
            group
                .chars()
                .flat_map(|a| group.chars().map(move |b| (a, b)))
        });
        pairs.collect()
    })
}

/// Whether the usual syllable of one of two characters is one of the other, tones aside. What only rare readings share is
/// never mixed up: 机 and 有 can both be read as wei.
fn sound_alike(a: char, b: char) -> bool {
    let (Some(a), Some(b)) = (readings(a), readings(b)) else {
        return false;
    };
    let usual_is_among = |a: PinyinMulti, b: PinyinMulti| {
        let usual = a.get(0).plain();
        b.into_iter().any(|b| b.plain() == usual)
    };
    usual_is_among(a, b) || usual_is_among(b, a)
}

fn readings(c: char) -> Option<PinyinMulti> {
    let mut buffer = [0; 4];
    let text: &str = c.encode_utf8(&mut buffer);
    text.to_pinyin_multi().next().flatten()
}

/// Groups of characters that differ by a stroke or a component.
const LOOK_ALIKE: &str = "
    己已巳 未末 土士 日曰 人入八 千干于 天夭无 大太犬丈 王玉主 田由甲申 见贝 午牛 今令 木本术 刀力刁 儿几凡 厂广 了子孑
    目自白百 旦且 免兔 鸟乌 戊戌戍 折拆析 拨拔 抢枪 治冶 洽恰 辨辩瓣 即既 侯候 建健 住往佳 仑仓 壮状 祥详 象像 戴载栽裁
    侍待恃 很狠 根跟 场扬杨 汤荡 园圆 因困囚 圆园 晴睛 情清请精 晓烧浇 蓝篮 历厉 沂祈折 泸沪 问间 闪闭 阅阔 险除 检捡俭验
    徽微徵 衷哀衰 崇祟 赢嬴羸 冒昌 暑署 薄簿 蓬篷 慕幕墓暮募 竟竞 概慨 幅副福 复覆 帐账 版板 决诀抉 扣叩 妨防访仿 坊纺
    陪倍培部 剖部 郎朗 都郡 邮油 那哪 郊效 刻刘 到倒 例列 制刺 刑型 判叛 券卷 办为 协胁 功攻 动功 务条 努怒 势热执 勤勒
    政攻改 放於 敌故 救求 教数 散撒 斤斥 新亲 方万 旅族施 无元 既概 明朋 昨作 是提 景影 普晋 智知 更便 最趣 期欺其 机杭
    村材 林森 标示 栏拦 校较 案宴 械戒 棉绵 植值 模摸膜 横黄 欠次 歌哥 正止 武式 比此 毛手 民氏 气汽 水永 江红 池地他
    沙纱 河何 油由 法去 注住主 洋详 洁结 济挤 海每 消稍 涉步 深探 渔鱼 港巷 湖胡 源原 满蒲 灾灭 炉护 点占 烟咽 然燃 煤媒
    牧收 物勿 特持 状壮 独浊 理里 环坏 现观规 班斑 球求 电申 界介 留贸 疫疾 病症 登凳 监临 盟盘 直真 相想 省肖 看着 县具
    眼银 知如 石右 矿旷 研开 破坡 础出 确角 社杜 神伸 票漂 禁楚 科料 秘密 积织识 税说 程呈 稳隐 空穷 突究 立位 章意 童章
    第弟 等寺 管官 籍藉 粮粗 系糸 纪记 约药 级极 纲网 纳呐 组祖 织职 经轻 给结 统流 继断 维推 综踪 绿缘 编偏 缴激 罚罗
    置直 美羊 群裙 义叉 老考 者都 联耶 育盲 胜性 能态 脱说 自目 至致 舆与 航般 船舰 良艮 艺乞 节苦 农衣 落洛 蓄畜 藏臧
    行衍 街衔 补扑 表麦 装袋 要耍 览览 角用 解懈 计讨 订打 认队 许午 论伦 设没 评坪 诉拆 证怔 试式 话活 询旬 该核 语悟
    误娱 调周 谈淡 谷各 贡页 财才 责贵 货贷 质盾 购构 贸留 费贾 资咨 赔陪 赛塞 起赶 路略 车东 转砖 较校 载栽 辑缉 边过
    达送 运远 还坏 进近 违围 连莲 追退 送关 适活 选先 透诱 通涌 遗遣 那邦 郑邓 采菜 释译 重里 野予 金全 铁轶 银根 锋峰
    长张 门们 闻间 阳阴 队认 阶价 附府 际标 陈阵 险验 随隋 难滩 集焦 雨两 需儒 青责 非菲 面而 韦书 项顶 须领 预颈 领岭
    体休 援授 撤撒 徒徙 陕峡 奏秦泰 斯期 续赎 陆陡 题提 风凤 飞气 食良 饮软 首道 香查 马鸟 驻住 骨胃 高亮 鱼渔 麻床 黄横 齐介 龙尤
";

/// Groups of common characters that share one code of the five-stroke method (86).
const SAME_KEYS: &str = "
    云去支 济浏 朽配 览鉴 来灭 兑竞 眷着 帮邦 凭赁 微徽 半斗 寸雨 圃辅 稀衡 久勺 悉愁 礼祀 灵灾 喜嘉 杰粟 害豁 万尤
";
