#!/usr/bin/env python3
"""What `fix` writes is opened by another program, reads as it should, and differs nowhere else.

usage: roundtrip.py BINARY     needs python-docx; exits with 1 when something is wrong

A document is made with python-docx, with wrong forms across runs, in tables, headers, footers, links and properties.
After `BINARY fix` it must open again, every paragraph must read as before with the right forms in place of the wrong
ones, runs and formats must be the same, and every zip record without a form must be the same byte for byte.
"""

import io
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
import zlib

import docx
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


def lexicon():
    entries = [f'[[entry]]\ncanonical = "{good}"\nforbidden = ["{bad}"]\n' for bad, good in FORMS.items()]
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
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(check(sys.argv[1]))
