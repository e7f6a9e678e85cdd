//! The first step in a repository: a configuration that explains itself, and where to hook the check in.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::Ui;
use crate::settings::NAME;

/// Everything in it is what holds without it.
const CONFIG: &str = r#"# 正名 zhengming 的配置。对本文件夹及其下的文件有效，直到遇到下一个 zhengming.toml。
# 以 # 开头的行不起作用；去掉 # 即可启用。

# 停止向上查找其他配置。
root = true

# 从哪一级起算不通过（退出码 1）：error、warning、info、never。
#fail_on = "error"

# 本单位自己的词库：文件或文件夹，相对于本文件。后者优先，都优先于内置词库。
#lexicons = ["词库"]
#builtin = true

# 停用的规则或类别；用 zhengming lexicon list 查看。
#disable = ["typos"]

# 除 .txt .md .html .docx 等以外还要检查的文件，和不检查的文件，写法同 .gitignore。
#include = ["*.shtml"]
#exclude = ["草稿/", "*.bak.txt"]

# 沿用上次运行的结果，文件很多时更快。
#cache = true

# 允许的例外，必须写理由；可以限定文件（path）、规则或类别（rule）、原文词句（phrase）和期限（until）。
#[[allow]]
#path = "历史文件/"
#phrase = "国家教育部"
#reason = "原文如此的历史文件"
#until = 2030-12-31

# 哪个单位、哪个栏目负责哪些文件，写法同 .gitignore；用于 csv 清单和 notice 检查通报。
#[[unit]]
#name = "县应急管理局"
#column = "通知公告"
#paths = ["应急局/通知公告/"]

# 改变某条规则或某个类别的级别。
#[severity]
#typos = "warning"
"#;

const HOOKS: (&str, &str) = (
    r"
接入 git，每次提交前检查暂存的内容：把下面两行写入 .git/hooks/pre-commit，并 chmod +x：

    #!/bin/sh
    exec zhengming check --staged

或使用 pre-commit，在 .pre-commit-config.yaml 中：

    - repo: local
      hooks:
        - id: zhengming
          name: 正名
          entry: zhengming check --force-exclude
          language: system
          types: [file]
          files: '(?i)\.(txt|md|markdown|html?|xhtml|docx|docm|dotx|dotm)$'
          require_serial: true

旧稿问题多，先登记再逐步清理：zhengming baseline write",
    r"
To check what is staged before each commit, put these two lines into .git/hooks/pre-commit, and chmod +x it:

    #!/bin/sh
    exec zhengming check --staged

Or with pre-commit, in .pre-commit-config.yaml:

    - repo: local
      hooks:
        - id: zhengming
          name: zhengming
          entry: zhengming check --force-exclude
          language: system
          types: [file]
          files: '(?i)\.(txt|md|markdown|html?|xhtml|docx|docm|dotx|dotm)$'
          require_serial: true

With many old mistakes, note them down first and clear them up over time: zhengming baseline write",
);

pub(crate) fn run(ui: Ui) -> Result<ExitCode> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(NAME)
        .context(NAME)?;
    file.write_all(CONFIG.as_bytes()).context(NAME)?;
    let mut out = io::stdout().lock();
    writeln!(out, "{} {NAME}", ui.lang.pick("已写入", "wrote"))?;
    writeln!(out, "{}", ui.lang.pick(HOOKS.0, HOOKS.1))?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhengming::config::ConfigFile;

    #[test]
    fn the_configuration_holds_with_and_without_its_comment_signs() {
        let as_written = ConfigFile::parse(NAME, CONFIG).unwrap();
        assert_eq!(as_written, ConfigFile::default());
        let enabled: Vec<_> = CONFIG
            .lines()
            .filter(|line| !line.starts_with("# "))
            .map(|line| line.trim_start_matches('#'))
            .collect();
        let file = ConfigFile::parse(NAME, &enabled.join("\n")).unwrap();
        assert!(file.cache && file.builtin);
        assert_eq!(file.lexicons, ["词库"]);
        assert_eq!(file.units.len(), 1);
        assert_eq!(file.include.len() + file.exclude.len(), 3);
        assert_eq!(file.config.allow.len() + file.config.severity.len(), 2);
    }
}
