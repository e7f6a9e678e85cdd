"""A client that others wrote, pytest-lsp, speaks to the language server; pygls applies the edits.

Run it with the program to test in ZHENGMING. What the protocol forbids is a warning of pytest-lsp, and here an error.
"""

import asyncio
import os

import pytest
import pytest_lsp
from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

PROGRAM = os.path.abspath(os.environ["ZHENGMING"])

pytestmark = [pytest.mark.asyncio, pytest.mark.filterwarnings("error::pytest_lsp.LspSpecificationWarning")]

CONFIG = "root = true\nbuiltin = false\nlexicons = ['words.toml']\n"
WORDS = (
    "category = 'office'\n[[entry]]\ncanonical = '习近平总书记'\nforbidden = ['习总书记']\nsource = '甲文件'\n"
    "[[entry]]\nname = 'two'\ncanonical = ['一带一路', '丝绸之路']\nforbidden = ['一代一路']\n"
)

# Emoji and ideographs beyond the BMP before mistakes on lines that end in every way.
TEXT = "# 😀𠀀学习习总书记\r\n\r\n👨‍👩‍👧共建一代一路，𠀀习**总**书记😀。\r\n\r\n- 甲\r- 🀄习总书记\n"
FIXED = TEXT.replace("习总书记", "习近平总书记").replace("习**总**", "习近平**总**")


@pytest.fixture
def office(tmp_path):
    (tmp_path / "zhengming.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "words.toml").write_text(WORDS, encoding="utf-8")
    return tmp_path


@pytest_lsp.fixture(
    params=["visual_studio_code", "neovim"],
    config=ClientServerConfig(server_command=[PROGRAM, "lsp", "--stdio"]),
)
async def client(request, office, lsp_client: LanguageClient):
    capabilities = client_capabilities(request.param)
    lsp_client.registered = []

    # pytest-lsp says that it can, and leaves the rest to the test.
    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams):
        lsp_client.registered += [r.method for r in params.registrations]

    started = await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            workspace_folders=[types.WorkspaceFolder(uri=office.as_uri(), name="office")],
        )
    )
    lsp_client.started = started
    lsp_client.codec = PositionCodec(encoding=started.capabilities.position_encoding)
    yield
    await lsp_client.shutdown_session()
    assert lsp_client._server.returncode == 0


class Draft:
    """A text in the editor, kept by pygls."""

    def __init__(self, client, uri, text, language="markdown"):
        self.client, self.uri = client, uri
        self.text = TextDocument(
            uri,
            text,
            version=1,
            sync_kind=types.TextDocumentSyncKind.Incremental,
            position_codec=client.codec,
        )
        item = types.TextDocumentItem(uri=uri, language_id=language, version=1, text=text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(text_document=item))

    def change(self, *edits):
        """Applies edits, as the editor and as the server have it; the last first, as places are those of before."""
        start = lambda e: (e.range.start.line, e.range.start.character)
        changes = [
            types.TextDocumentContentChangePartial(range=e.range, text=e.new_text)
            for e in sorted(edits, key=start, reverse=True)
        ]
        for change in changes:
            self.text.apply_change(change)
        self.text.version += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri, version=self.text.version)
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=document, content_changes=changes)
        )

    def take(self, action):
        edit = action.edit
        if edit.document_changes:
            (change,) = edit.document_changes
            assert change.text_document.version == self.text.version
            self.change(*change.edits)
        else:
            self.change(*edit.changes[self.uri])

    async def found(self, *forms):
        """Waits for exactly these forms to be marked, in this order; gives the diagnostics."""
        return await told(
            self.client, self.uri, lambda ds: [self.at(d.range) for d in ds] == list(forms)
        )

    def at(self, place):
        start, end = (self.text.offset_at_position(p) for p in (place.start, place.end))
        # pygls counts these in code points, which is what Python's strings are made of.
        return self.text.source[start:end]

    async def actions(self, place, *only):
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                text_document=types.TextDocumentIdentifier(uri=self.uri),
                range=place,
                context=types.CodeActionContext(diagnostics=[], only=list(only) or None),
            )
        )
        return [await self.with_edit(a) for a in found]

    async def with_edit(self, action):
        return action if action.edit else await self.client.code_action_resolve_async(action)


async def told(client, uri, fits):
    """The diagnostics of a file, when they fit."""
    last = None
    for _ in range(600):
        last = client.diagnostics.get(uri)
        if last is not None and fits(last):
            return last
        await asyncio.sleep(0.05)
    raise AssertionError(last)


async def test_open_edit_and_close(client, office):
    offered = client.capabilities.general.position_encodings or ["utf-16"]
    assert client.started.capabilities.position_encoding == offered[0]
    draft = Draft(client, (office / "通知 1.md").as_uri(), TEXT)
    first, two, split, last = await draft.found("习总书记", "一代一路", "习**总**书记", "习总书记")
    assert first.severity == types.DiagnosticSeverity.Error
    assert first.code == "office/习近平总书记"
    assert first.message == "“习总书记”应为“习近平总书记”\n依据：甲文件"
    # Typing: a character at a time, in front of everything and inside a mistake.
    for edit in [
        types.TextEdit(range=at(0, 2, 2), new_text="𠀀"),
        types.TextEdit(range=types.Range(start=last.range.start, end=last.range.start), new_text="😀"),
    ]:
        draft.change(edit)
    await draft.found("习总书记", "一代一路", "习**总**书记", "习总书记")
    assert draft.text.source.count("𠀀") == TEXT.count("𠀀") + 1
    draft.change(types.TextEdit(range=two.range, new_text="一带一路"))
    await draft.found("习总书记", "习**总**书记", "习总书记")
    document = types.TextDocumentIdentifier(uri=draft.uri)
    client.text_document_did_close(types.DidCloseTextDocumentParams(text_document=document))
    await told(client, draft.uri, lambda found: not found)


async def test_quick_fixes(client, office):
    draft = Draft(client, (office / "a.md").as_uri(), TEXT)
    await draft.found("习总书记", "一代一路", "习**总**书记", "习总书记")
    for nth, title in [(3, "改为“习近平总书记”"), (2, "改为“习近平总书记”"), (1, "改为“丝绸之路”"), (0, "改为“习近平总书记”")]:
        mark = client.diagnostics[draft.uri][nth]
        actions = await draft.actions(mark.range, types.CodeActionKind.QuickFix)
        (action,) = [a for a in actions if a.title == title]
        assert bool(action.is_preferred) == ("习近平" in title)
        count = len(client.diagnostics[draft.uri])
        draft.take(action)
        await told(client, draft.uri, lambda ds: len(ds) == count - 1)
    assert draft.text.source == FIXED.replace("一代一路", "丝绸之路")


async def test_fix_all(client, office):
    draft = Draft(client, (office / "a.md").as_uri(), TEXT)
    await draft.found("习总书记", "一代一路", "习**总**书记", "习总书记")
    (action,) = await draft.actions(at(0, 0, 0), "source.fixAll")
    assert action.kind == "source.fixAll.zhengming"
    draft.take(action)
    await draft.found("一代一路")
    assert draft.text.source == FIXED


async def test_hover(client, office):
    draft = Draft(client, (office / "a.md").as_uri(), TEXT)
    found = await draft.found("习总书记", "一代一路", "习**总**书记", "习总书记")
    params = types.HoverParams(
        text_document=types.TextDocumentIdentifier(uri=draft.uri), position=found[2].range.start
    )
    hover = await client.text_document_hover_async(params)
    assert draft.at(hover.range) == "习**总**书记"
    for want in ["“习总书记”应为“习近平总书记”", "伪装：中间的标记", "依据：甲文件"]:
        assert want in hover.contents.value, hover.contents.value


async def test_ignore(client, office):
    draft = Draft(client, (office / "a.md").as_uri(), "甲\r\n\r\n😀习总书记\r\n")
    (mark,) = await draft.found("习总书记")
    (action,) = [a for a in await draft.actions(mark.range) if a.title.startswith("忽略")]
    draft.take(action)
    source = "甲\r\n\r\n<!-- zhengming-ignore office/习近平总书记:  -->\r\n😀习总书记\r\n"
    assert draft.text.source == source
    await draft.found("", "习总书记")
    comment = len("<!-- zhengming-ignore office/习近平总书记: ".encode("utf-8" if is_utf8(client) else "utf-16-le"))
    column = comment if is_utf8(client) else comment // 2
    draft.change(types.TextEdit(range=at(2, column, column), new_text="引文"))
    await draft.found()


async def test_reload(client, office):
    draft = Draft(client, (office / "a.txt").as_uri(), "😀习总书记", "plaintext")
    await draft.found("习总书记")
    watches = client.capabilities.workspace.did_change_watched_files
    wanted = bool(watches and watches.dynamic_registration)
    assert (types.WORKSPACE_DID_CHANGE_WATCHED_FILES in client.registered) == wanted
    config, words = office / "zhengming.toml", office / "words.toml"
    write(client, config, CONFIG + "disable = ['office']\n")
    await draft.found()
    write(client, config, CONFIG)
    await draft.found("习总书记")
    write(client, words, WORDS + "[[entri]]\n")
    (broken,) = await told(client, words.as_uri(), lambda found: found)
    assert broken.range.start.line == WORDS.count("\n")
    assert broken.severity == types.DiagnosticSeverity.Error
    assert "words.toml" in client.messages[-1].message
    await draft.found("习总书记")
    draft.change(types.TextEdit(range=at(0, 0, 0), new_text="习总书记，"))
    await draft.found("习总书记", "习总书记")
    write(client, words, WORDS.replace("习总书记", "😀习总"))
    await told(client, words.as_uri(), lambda found: not found)
    await draft.found("😀习总")
    assert len(client.messages) == 1


def write(client, path, text):
    path.write_text(text, encoding="utf-8")
    event = types.FileEvent(uri=path.as_uri(), type=types.FileChangeType.Changed)
    client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes=[event]))


def at(line, start, end):
    place = lambda character: types.Position(line=line, character=character)
    return types.Range(start=place(start), end=place(end))


def is_utf8(client):
    return client.started.capabilities.position_encoding == types.PositionEncodingKind.Utf8
