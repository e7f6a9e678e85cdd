"""The editors themselves, with the settings that the README gives. Skipped where an editor is not installed.

Run it with the program to test in ZHENGMING; $NVIM names another Neovim, which must be 0.11 or newer.
"""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NVIM = os.environ.get("NVIM", "nvim")
WORDS = "category = 'office'\n[pairs]\n'习总书记' = '习近平总书记'\n"
BAD, GOOD = "习总书记", "习近平总书记"
# In front of the mistakes: a pair of surrogates, an ideograph beyond the BMP, a family of seven code points.
TEXT = f"# 😀𠀀学习{BAD}\n\n- 👨‍👩‍👧{BAD}，𠀀\n- 再学习{BAD}。\n"


def version():
    if not shutil.which(NVIM):
        return ()
    said = subprocess.run([NVIM, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(n) for n in re.search(r"v(\d+)\.(\d+)", said).groups())


def settings(readme, language):
    """The block of that language behind the title of the language server."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    return re.search(rf"```{language}\n(.*?)```", text, re.DOTALL)[1]


@pytest.fixture
def office(tmp_path):
    """A folder with a draft, a lexicon, and a PATH on which the program stands under its name."""
    folder = tmp_path / "办公室"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin/zhengming").symlink_to(os.path.abspath(os.environ["ZHENGMING"]))
    (folder / "zhengming.toml").write_text("root = true\nbuiltin = false\n", encoding="utf-8")
    (folder / "office.toml").write_text(WORDS, encoding="utf-8")
    (folder / "通知 1.md").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.mark.skipif(version() < (0, 11), reason="there is no Neovim 0.11")
@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_neovim(office, readme):
    (office / "init.lua").write_text(settings(readme, "lua"), encoding="utf-8")
    environment = os.environ | {
        "PATH": f"{office / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "FORM": BAD,
        "ONE": TEXT.replace(f"再学习{BAD}", f"再学习{GOOD}"),
        "ALL": TEXT.replace(BAD, GOOD),
        "XDG_STATE_HOME": str(office / "state"),
    }
    script = ROOT / "tests/lsp/neovim.lua"
    command = [NVIM, "--headless", "--clean", "-u", "init.lua", "通知 1.md", "-S", str(script)]
    done = subprocess.run(command, cwd=office, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    print(done.stdout, done.stderr)
