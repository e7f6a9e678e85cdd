#!/usr/bin/env python3
"""What `fix` and `annotate` write is opened by another program, reads as it should, and differs nowhere else.

usage: roundtrip.py BINARY     needs python-docx; exits with 1 when something is wrong

A document is made with python-docx, with wrong forms across runs, in tables, headers, footers, links and properties.
After `BINARY fix` it must open again, every paragraph must read as before with the right forms in place of the wrong
ones, runs and formats must be the same, and every zip record without a form must be the same byte for byte.
"""

import io
import os
import re
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

import docx
from lxml import etree
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

FORMS = {
    "习总书记": "习近平总书记",
    "一二三产融合": "一二三产业融合",
    "国家教育部": "教育部",
    "扫黑险恶": "扫黑除恶",
}
# Stays as it is: it has two right forms, so that it is commented.
OPEN = "截止目前"
AUTHOR = "正名"


def lexicon():
    entries = [f'[[entry]]\ncanonical = "{good}"\nforbidden = ["{bad}"]\n' for bad, good in FORMS.items()]
    entries.append(f'[[entry]]\ncanonical = ["截至目前", "到目前为止"]\nforbidden = ["{OPEN}"]\nseverity = "warning"\n')
    return 'category = "test"\n' + "".join(entries)


def corrected(text):
    for bad, good in FORMS.items():
        text = text.replace(bad, good)
    return text


def png():
    """A picture of one pixel: a part that is not XML."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


def split(paragraph, text, cut, fmt=None):
    """Writes `text` as two runs, the second one in another format."""
    paragraph.add_run(text[:cut])
    run = paragraph.add_run(text[cut:])
    run.bold = True
    run.font.size = Pt(16)
    if fmt:
        fmt(run)


def link(paragraph, text, address):
    """A hyperlink, which python-docx cannot make itself."""
    target = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    element = OxmlElement("w:hyperlink")
    element.set(qn("r:id"), target)
    run = paragraph.add_run(text)
    element.append(run._r)
    paragraph._p.append(element)


def draft():
    d = docx.Document()
    d.core_properties.title = "关于学习习总书记讲话的通知"
    d.add_heading("关于一二三产融合的通知", level=1)
    d.add_paragraph("全文没有错误的一段，AT&T <原样> 保留。")
    for bad in FORMS:
        for cut in range(len(bad) + 1):
            paragraph = d.add_paragraph("各单位要学习")
            split(paragraph, bad, cut)
            paragraph.add_run("的有关要求。")
    for bad in FORMS:
        paragraph = d.add_paragraph("逐字：")
        for n, c in enumerate(bad):
            paragraph.add_run(c).font.size = Pt(10 + n)
    split(d.add_paragraph("项目"), OPEN, 2)
    d.add_paragraph("习总\n书记", style="List Bullet")
    paragraph = d.add_paragraph("见")
    paragraph.add_run("学习习总")
    link(paragraph, "书记讲话", "http://example.com/习总书记")
    paragraph.add_run("全文。")
    d.add_picture(io.BytesIO(png()))
    table = d.add_table(rows=2, cols=2)
    table.cell(0, 0).text = "国家教育部"
    split(table.cell(0, 1).paragraphs[0], "扫黑险恶", 2)
    inner = table.cell(1, 1).add_table(rows=1, cols=1)
    split(inner.cell(0, 0).paragraphs[0], "一二三产融合", 4)
    section = d.sections[0]
    split(section.header.paragraphs[0], "习总书记", 1)
    section.footer.paragraphs[0].text = "扫黑险恶办公室"
    d.add_section().header.is_linked_to_previous = False
    split(d.sections[1].header.paragraphs[0], "国家教育部", 3)
    return d


def paragraphs(d):
    """Every paragraph of a document, each as its runs: text and format. A link's runs count like any other."""
    roots = [d.element.body]
    for section in d.sections:
        roots += [part._element for part in (section.header, section.footer)]
    found = []
    for root in roots:
        for p in root.iter(qn("w:p")):
            runs = []
            for r in p.iter(qn("w:r")):
                text = "".join(t.text or "" if t.tag == qn("w:t") else "\n" for t in r if t.tag in (qn("w:t"), qn("w:br")))
                rpr = r.find(qn("w:rPr"))
                runs.append((text, None if rpr is None else docx.oxml.xmlchemy.serialize_for_reading(rpr)))
            found.append(runs)
    return found


def records(data):
    """Each zip record by its name: local header, data, and what the directory says except for the place."""
    found = {}
    for info in zipfile.ZipFile(io.BytesIO(data)).infolist():
        start = info.header_offset
        name, extra = struct.unpack("<HH", data[start + 26 : start + 30])
        found[info.filename] = data[start : start + 30 + name + extra + info.compress_size]
    return found


def text_of(runs):
    return "".join(text for text, _ in runs)


def stories(data):
    """The parts of a document that hold paragraphs, by name."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    found = {}
    for name in archive.namelist():
        if re.fullmatch(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\d*\.xml", name):
            found[name] = etree.fromstring(archive.read(name))
    return found


def texts(root, gone):
    """The text of each paragraph of a part, without what stands in revisions of ours of the kind `gone`, and as if those
    of others had been accepted."""
    found = []
    for p in root.iter("{*}p"):
        if not p.tag.endswith("wordprocessingml/2006/main}p") and not p.tag.endswith("wordprocessingml/main}p"):
            continue
        text = ""
        for t in p.iter("{*}t", "{*}delText"):
            if next(t.iterancestors(p.tag)) is not p:
                continue
            ours = [e for e in t.iterancestors("{*}ins", "{*}del") if author_of(e) == AUTHOR]
            others = [e for e in t.iterancestors("{*}del", "{*}moveFrom") if author_of(e) != AUTHOR]
            if others or any(etree.QName(e).localname == gone for e in ours):
                continue
            kept = t.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
            text += (t.text or "") if kept else (t.text or "").strip(" \t\r\n")
        found.append(text)
    return found


def author_of(element):
    return element.get(f"{{{etree.QName(element).namespace}}}author")


def written(output):
    """How many tracked changes and comments the program says it wrote."""
    numbers = re.search(r"修订 (\d+) 处，批注 (\d+) 处", output)
    return (int(numbers[1]), int(numbers[2])) if numbers else None


def annotated_wrong(binary, folder, words, before, fixed):
    """What is wrong with the marks in an annotated document; `fixed` is the document that `fix` makes of it."""
    wrong = []
    draft, out = os.path.join(folder, "稿.docx"), os.path.join(folder, "annotated.docx")
    with open(draft, "wb") as f:
        f.write(before)
    for mode in ("tracked", "comments", "both"):
        def annotate(source, target):
            command = [binary, "annotate", "--isolated", "--no-builtin", "--lexicon", words, "--mode", mode]
            command += ["--fail-on", "never", source, "-o", target]
            run = subprocess.run(command, capture_output=True, timeout=60, check=False)
            if run.returncode != 0:
                wrong.append(f"annotate, {mode}: exit code {run.returncode}: {run.stderr.decode()}")
            with open(target, "rb") as f:
                return f.read(), written(run.stdout.decode() + run.stderr.decode())

        after, counts = annotate(draft, out)
        d = docx.Document(io.BytesIO(after))
        comments = [c for c in d.comments if c.author == AUTHOR]
        names = [n for name, root in stories(after).items() for n in root.xpath(
            "//w:bookmarkStart/@w:name", namespaces={"w": qn("w:p")[1:-2]}) if n.startswith("_zm_")]
        # One more comment is the summary.
        if counts is None or counts[1] + 1 != len(comments) or sum(counts) == 0:
            wrong.append(f"{mode}: {len(comments)} comments, and {counts} were written")
        revisions = [e for root in stories(after).values() for e in root.iter("{*}ins", "{*}del") if author_of(e) == AUTHOR]
        if (mode == "comments") != (not revisions) or mode == "tracked" and len(names) != sum(counts):
            wrong.append(f"{mode}: {len(revisions)} revisions at {len(names)} places, and {counts} were written")
        old, new, right = stories(before), stories(after), stories(fixed)
        for name, root in old.items():
            if texts(new[name], "ins") != texts(root, None):
                wrong.append(f"{mode}: {name}, rejected, is not the original")
            want = root if mode == "comments" else right[name]
            if texts(new[name], "del") != texts(want, None):
                wrong.append(f"{mode}: {name}, accepted, is not what fix makes of it")
        old, new = records(before), records(after)
        touched = {"[Content_Types].xml", "_rels/.rels", "word/_rels/document.xml.rels", "word/comments.xml",
                   "docProps/custom.xml"} | set(stories(before))
        wrong += [f"{mode}: {name} was changed" for name in old if name not in touched and new.get(name) != old[name]]
        again, _ = annotate(out, os.path.join(folder, "again.docx"))
        if again != after:
            wrong.append(f"{mode}: a second annotate added something")
    return wrong


def check(binary):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        path, words = os.path.join(folder, "通知.docx"), os.path.join(folder, "lexicon.toml")
        with open(words, "w", encoding="utf-8") as f:
            f.write(lexicon())
        draft().save(path)
        with open(path, "rb") as f:
            before = f.read()
        command = [binary, "fix", "--isolated", "--no-builtin", "--lexicon", words, path]
        run = subprocess.run(command, capture_output=True, timeout=60, check=False)
        if run.returncode != 0:
            wrong.append(f"exit code {run.returncode}: {run.stdout.decode()}{run.stderr.decode()}")
        with open(path, "rb") as f:
            after = f.read()
        if not os.path.exists(path + ".orig"):
            wrong.append("the original was not kept")
        elif open(path + ".orig", "rb").read() != before:
            wrong.append("the backup is not the original")

        old, new = docx.Document(io.BytesIO(before)), docx.Document(path)
        if new.core_properties.title != corrected(old.core_properties.title):
            wrong.append(f"title: {new.core_properties.title}")
        old_paragraphs, new_paragraphs = paragraphs(old), paragraphs(new)
        if len(old_paragraphs) != len(new_paragraphs):
            wrong.append(f"{len(old_paragraphs)} paragraphs became {len(new_paragraphs)}")
        for was, now in zip(old_paragraphs, new_paragraphs):
            # A line break inside a form stays where it was.
            flat = lambda runs: text_of(runs).replace("\n", "")
            if flat(now) != corrected(flat(was)):
                wrong.append(f"“{text_of(was)}” became “{text_of(now)}”")
            if [fmt for _, fmt in was] != [fmt for _, fmt in now]:
                wrong.append(f"the runs of “{text_of(was)}” are not the same")

        if zipfile.ZipFile(path).testzip() is not None:
            wrong.append("the zip is damaged")
        old_records, new_records = records(before), records(after)
        if list(old_records) != list(new_records):
            wrong.append("the zip has other entries, or in another order")
        changed = {name for name, record in old_records.items() if new_records.get(name) != record}
        parts = zipfile.ZipFile(io.BytesIO(before))
        # A form in one piece shows; those across runs are in the body and the headers anyway.
        expected = {"docProps/core.xml", "word/document.xml"}
        expected |= {name for name in old_records if name.startswith(("word/header", "word/footer"))}
        if changed != expected:
            wrong.append(f"changed: {sorted(changed)}, expected: {sorted(expected)}")
        for name in set(old_records) - changed:
            if any(bad.encode() in parts.read(name) for bad in FORMS) and not name.endswith(".rels"):
                wrong.append(f"{name} still has a wrong form")

        again = subprocess.run(command, capture_output=True, timeout=60, check=False)
        with open(path, "rb") as f:
            if again.returncode != 0 or f.read() != after:
                wrong.append("a second fix changed something")
        wrong += annotated_wrong(binary, folder, words, before, after)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]))
