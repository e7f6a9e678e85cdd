"""Runs the hooks under the real pre-commit, and the shell steps of action.yml and ci/gitlab.yml, in scratch repositories.

    python tests/gate/pipelines.py target/release/zhengming

Needs git, and pre-commit with PyYAML in the Python that runs it.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
WRONG = "学习习总书记重要讲话精神。\n"
RIGHT = "学习习近平总书记重要讲话精神。\n"


def main(binary):
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        (work / "bin").mkdir()
        shutil.copy2(binary, work / "bin" / "zhengming")
        env = {
            "PATH": f"{work / 'bin'}{os.pathsep}{pathlib.Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(work),
            "PRE_COMMIT_HOME": str(work / "pre-commit"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "张三",
            "GIT_AUTHOR_EMAIL": "z@example.com",
            "GIT_COMMITTER_NAME": "张三",
            "GIT_COMMITTER_EMAIL": "z@example.com",
            "LANG": "C.UTF-8",
        }
        for test in (hooks, manifest, action, gitlab, workflows):
            place = work / test.__name__
            place.mkdir()
            test(place, env)
            print("ok:", test.__name__)


def hooks(place, env):
    """The bad commit is blocked with place and fix, fixed by the other hook, and then passes."""
    source, office = place / "hooks", place / "本 单位"
    source.mkdir()
    office.mkdir()
    shutil.copy2(ROOT / ".pre-commit-hooks.yaml", source)
    for repository in (source, office):
        run(repository, env, "git", "init", "-q", "-b", "main")
    run(source, env, "git", "add", "-A")
    run(source, env, "git", "commit", "-q", "-m", "hooks")
    revision = run(source, env, "git", "rev-parse", "HEAD").stdout.strip()

    write(office / ".pre-commit-config.yaml", json.dumps({
        "repos": [{
            "repo": str(source),
            "rev": revision,
            "hooks": [
                {"id": "zhengming-system"},
                {"id": "zhengming-fix-system", "stages": ["manual"]},
            ],
        }],
    }))
    write(office / "zhengming.toml", "exclude = ['引文/']\n")
    run(office, env, "pre-commit", "install")
    run(office, env, "git", "add", "-A")
    run(office, env, "git", "commit", "-q", "-m", "起")

    write(office / "通 知.txt", WRONG)
    write(office / "引文" / "旧.txt", WRONG)
    write(office / "照片.png", "习总书记")
    shutil.copy2(ROOT / "examples" / "drafts" / "notice.docx", office / "附件 一.docx")
    run(office, env, "git", "add", "-A")
    # What lies in the folder is better than what is staged.
    write(office / "通 知.txt", RIGHT)
    blocked = run(office, env, "git", "commit", "-m", "发", code=1)
    for said in ("通 知.txt 第1行第3列", "应为“习近平总书记”", "附件 一.docx 正文第4段"):
        assert said in blocked.stdout + blocked.stderr, (said, blocked)
    assert "旧.txt" not in blocked.stdout, blocked
    assert (office / "通 知.txt").read_text(encoding="utf-8") == RIGHT

    run(office, env, "git", "add", "-A")
    fixed = run(office, env, "pre-commit", "run", "--hook-stage", "manual", "zhengming-fix-system", code=1)
    assert "files were modified by this hook" in fixed.stdout, fixed
    run(office, env, "git", "add", "-A")
    run(office, env, "git", "commit", "-q", "-m", "发")
    everything = run(office, env, "pre-commit", "run", "--all-files")
    assert "Passed" in everything.stdout, everything


def manifest(place, env):
    """Every hook is what pre-commit expects, and takes the same files."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert len({json.dumps([h["types"], h["files"], h["require_serial"]]) for h in hooks}) == 1
    assert {h["language"] for h in hooks} == {"rust", "system"}
    run(place, env, "pre-commit", "validate-manifest", str(ROOT / ".pre-commit-hooks.yaml"))
    files = re.compile(hooks[0]["files"])
    for name in ("通 知.txt", "a/b.HTML", "附件.docx", "x.dotm"):
        assert files.search(name), name
    for name in ("~$附件.docx", "a/~$b.docx", "a.doc", "txt", "a.txt/b.png"):
        assert not files.search(name), name


def action(place, env):
    """The steps of the composite action annotate, write SARIF, and end with the exit code of the check."""
    steps = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
    write(place / "好.txt", RIGHT)
    write(place / "坏 稿.txt", WRONG)
    run(place, env, "git", "init", "-q", "-b", "main")
    run(place, env, "git", "add", "-A")
    run(place, env, "git", "commit", "-q", "-m", "起")
    write(place / "新.txt", "扫黑险恶\n")

    def act(code, **inputs):
        given = {"paths": ".", "changed-since": "", "fail-on": "error", "sarif-file": "", "args": ""}
        given.update({name.replace("_", "-"): value for name, value in inputs.items()})
        last = None
        for step in steps:
            values = {"${{ github.action_path }}": str(ROOT)}
            values.update({"${{ inputs.%s }}" % name: value for name, value in given.items()})
            extra = {name: values[value] for name, value in step.get("env", {}).items()}
            assert step["shell"] == "bash"
            words = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
            last = run(place, {**env, **extra}, *words, code=code if step is steps[-1] else 0)
        return last

    said = act(1, sarif_file="结果 一.sarif")
    assert "::error " in said.stdout and "坏 稿.txt" in said.stdout, said
    sarif = json.loads((place / "结果 一.sarif").read_text(encoding="utf-8"))
    assert sarif["version"] == "2.1.0"
    act(0, fail_on="never")
    act(0, paths="好.txt\n")
    act(1, paths="好.txt\n坏 稿.txt\n")
    said = act(1, changed_since="HEAD")
    assert "新.txt" in said.stdout and "坏 稿.txt" not in said.stdout, said
    said = act(1, args="--lang\nen\n")
    assert "should be" in said.stdout, said
    act(2, args="--nonsense; touch x")
    assert not (place / "x").exists()


def gitlab(place, env):
    """The script of the job writes the reports that it names, and ends with the exit code of the check."""
    job = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))[".zhengming"]
    write(place / "坏 稿.txt", WRONG)
    run(place, env, "git", "init", "-q", "-b", "main")
    run(place, env, "git", "add", "-A")
    run(place, env, "git", "commit", "-q", "-m", "起")
    base = run(place, env, "git", "rev-parse", "HEAD").stdout.strip()

    def act(code, **more):
        script = "\n".join(job["before_script"] + job["script"])
        variables = {name: str(value) for name, value in job["variables"].items()}
        run(place, {**env, **variables, **more}, "sh", "-e", "-c", script, code=code)
        reports = job["artifacts"]["reports"]
        issues = json.loads((place / reports["codequality"]).read_text(encoding="utf-8"))
        suites = xml.etree.ElementTree.parse(place / reports["junit"]).getroot()
        assert suites.tag == "testsuites", suites
        return sorted({issue["location"]["path"] for issue in issues})

    assert act(1) == ["坏 稿.txt"]
    assert act(0, ZHENGMING_FAIL_ON="never") == ["坏 稿.txt"]
    assert act(0, CI_MERGE_REQUEST_DIFF_BASE_SHA=base) == []
    write(place / "新.txt", "扫黑险恶\n")
    assert act(1, CI_MERGE_REQUEST_DIFF_BASE_SHA=base) == ["新.txt"]


def workflows(place, env):
    """What others wrote is pinned to a commit, and no input is pasted into a script."""
    for path in [ROOT / "action.yml", *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        jobs = document.get("jobs", {"": document.get("runs", {})}).values()
        steps = [step for job in jobs for step in job["steps"]]
        assert steps, path
        for step in steps:
            assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", step.get("uses", "x/y@" + "0" * 40)), step
            assert "${{" not in step.get("run", ""), step


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run(folder, env, *words, code=0):
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


if __name__ == "__main__":
    main(sys.argv[1])
