// Everything the page says, in Chinese and English. `{name}` is filled in by `say`.

const WORDS = {
  title: ["正名 · 文稿检查", "zhengming · proofreading"],
  brand: ["正名", "zhengming"],
  tagline: ["公文用语检查", "proofreads official drafts"],
  skip: ["跳到文稿", "Skip to the text"],
  otherLanguage: ["English", "中文"],
  theme: ["外观", "Appearance"],
  themeAuto: ["外观：跟随系统", "Look: system"],
  themeLight: ["外观：浅色", "Look: light"],
  themeDark: ["外观：深色", "Look: dark"],
  shortcuts: ["快捷键", "Shortcuts"],
  close: ["关闭", "Close"],
  cancel: ["取消", "Cancel"],

  documents: ["文稿", "Drafts"],
  pasted: ["粘贴的文字", "Pasted text"],
  chooseFiles: ["选择文件…", "Choose files…"],
  dropHint: [
    "也可以把文件拖到页面的任何地方。可检查 Word（.docx）、纯文本、Markdown、网页文件，一次可选多个。",
    "Or drop files anywhere on the page: Word (.docx), plain text, Markdown and HTML, several at once.",
  ],
  dropHere: ["松开鼠标，开始检查", "Drop to check"],
  local: [
    "文稿只送到运行正名的这台机器上检查，不写入硬盘，也不送往别处。",
    "Drafts go only to the machine that zhengming runs on. They are not stored there and go nowhere else.",
  ],
  remove: ["从列表中移去“{name}”", "Remove “{name}” from the list"],
  removeSure: [
    "“{name}”有还没有下载的处理结果。确定移去吗？",
    "“{name}” has decisions that were not downloaded. Remove it?",
  ],
  waiting: ["等待中", "waiting"],
  uploading: ["上传 {percent}%", "uploading {percent}%"],
  checking: ["检查中…", "checking…"],
  clean: ["没有问题", "nothing found"],
  failed: ["无法检查", "not checked"],
  incomplete: ["有内容未检查", "not fully read"],
  retry: ["重试", "Try again"],

  editorLabel: ["文稿，可以编辑", "The draft, editable"],
  readerLabel: ["文稿，只读", "The draft, read-only"],
  placeholder: ["把文稿粘贴到这里，或直接输入。边写边查。", "Paste a draft here, or type. It is checked as you write."],
  sample: ["放入一段示例", "Put in an example"],
  sampleText: [
    "关于推进乡村振兴有关工作的通知\n\n各乡镇人民政府，县政府各工作部门：\n\n为深入学习贯彻习总书记关于“三农”工作的重要论述，纵深推进从严治党，现将有关事项通知如下：\n\n一、巩固拓展脱贫成果，促进一二三产融合发展。\n\n二、严格执行《政府采购实施条例》，规范采购程序。联系人：李明，手机13812345678。\n",
    "关于推进乡村振兴有关工作的通知\n\n各乡镇人民政府，县政府各工作部门：\n\n为深入学习贯彻习总书记关于“三农”工作的重要论述，纵深推进从严治党，现将有关事项通知如下：\n\n一、巩固拓展脱贫成果，促进一二三产融合发展。\n\n二、严格执行《政府采购实施条例》，规范采购程序。联系人：李明，手机13812345678。\n",
  ],
  takeSafe: ["全部采纳（{n}）", "Take all safe ({n})"],
  takeSafeHelp: ["采纳所有把握大的修改，不动需要斟酌的", "Takes every change that is safe, leaves those to be weighed"],
  undo: ["撤销", "Undo"],
  undoHelp: ["撤销上一次采纳或忽略", "Undo the last take or ignore"],
  copy: ["复制全文", "Copy text"],
  copied: ["全文已复制", "The text is copied"],
  clear: ["清空", "Clear"],
  clearSure: ["清空文稿？处理结果也会丢失。", "Clear the draft? What you decided is lost too."],
  download: ["下载…", "Download…"],
  tabText: ["文稿", "Draft"],
  tabFindings: ["问题", "Findings"],
  emptyFile: ["这个文件里没有可检查的文字。", "This file holds no text to check."],

  findings: ["问题", "Findings"],
  filters: ["筛选", "Filters"],
  severity: ["级别", "Severity"],
  category: ["类别", "Category"],
  state: ["处理情况", "Decision"],
  allCategories: ["全部类别（{n}）", "All categories ({n})"],
  previous: ["上一处", "Previous"],
  next: ["下一处", "Next"],
  error: ["错误", "error"],
  warning: ["警告", "warning"],
  info: ["提示", "info"],
  errorMark: ["错", "E"],
  warningMark: ["警", "W"],
  infoMark: ["提", "I"],
  open: ["待处理", "open"],
  taken: ["已采纳", "taken"],
  ignored: ["已忽略", "ignored"],
  suppressed: ["已标明不改", "let stand"],
  nothingYet: ["输入文字或选择文件后，这里列出发现的问题。", "What is found will be listed here."],
  nothingFound: ["没有发现问题。", "Nothing was found."],
  nothingShown: ["没有符合筛选条件的问题。", "Nothing matches the filters."],
  resetFilters: ["显示全部", "Show all"],
  shownOf: ["显示 {shown} / {total}", "{shown} of {total} shown"],
  more: ["再显示 {n} 处", "Show {n} more"],
  counts: ["错误 {error}，警告 {warning}，提示 {info}", "{error} errors, {warning} warnings, {info} hints"],
  countsLive: [
    "检查完毕：错误 {error} 处，警告 {warning} 处，提示 {info} 处。",
    "Checked: {error} errors, {warning} warnings, {info} hints.",
  ],
  progressLine: ["已处理 {done} / {total}", "{done} of {total} decided"],

  take: ["采纳", "Take"],
  takeNamed: ["采纳“{to}”", "Take “{to}”"],
  takeDelete: ["采纳（删去）", "Take (delete)"],
  weigh: ["这处修改请斟酌后再采纳", "Weigh this change before taking it"],
  byHand: ["没有现成的改法，请在文稿中自行修改", "There is no ready change: edit the draft by hand"],
  byHandFile: ["没有现成的改法，请在原文件中自行修改", "There is no ready change: edit the file by hand"],
  choose: ["改为", "Change to"],
  deletion: ["（删去）", "(delete)"],
  ignore: ["忽略…", "Ignore…"],
  undoThis: ["撤销", "Undo"],
  reason: ["理由", "Why"],
  source: ["依据", "Source"],
  good: ["正例", "Right"],
  bad: ["误例", "Wrong"],
  disguise: ["伪装", "Hidden by"],
  remark: ["备注", "Remark"],
  decision: ["处理", "Decision"],
  rule: ["规则", "Rule"],
  list: ["、", ", "],
  colon: ["：", ": "],
  demoted: ["原为{from}；{why}", "was {from}; {why}"],
  "demoted-mention": ["像是在引用错误写法，不是在使用", "it seems to be quoted as a mistake, not made"],
  "demoted-historical": ["这里说的是过去，或是引用的名称", "it speaks of the past, or cites a title"],
  "by-inline": ["文中已标明不改", "suppressed in the text"],
  "by-baseline": ["已列入基线", "in the baseline"],
  "by-config": ["配置中已标明不改", "suppressed by the configuration"],
  "zero-width": ["不可见字符", "invisible characters"],
  blank: ["空格", "blanks"],
  "line-wrap": ["换行", "a line break"],
  width: ["全角字符", "full-width characters"],
  case: ["字母大小写", "letter case"],
  radical: ["部首字", "radicals"],
  traditional: ["繁体字", "traditional characters"],
  "split-markup": ["中间的标记", "markup inside"],
  entity: ["字符引用", "character references"],

  ignoreTitle: ["忽略这处问题", "Ignore this finding"],
  ignoreWhat: [
    "“{found}”将保留原样。请写明理由，理由会写进报告。",
    "“{found}” will stand as it is. Say why: the reason goes into the report.",
  ],
  ignoreReason: ["理由（必填）", "Reason (required)"],
  ignoreNeeds: ["请写明理由。", "Please give a reason."],
  ignoreSame: ["本文稿中另有 {n} 处相同的问题，一并忽略", "Ignore the {n} others like it in this draft too"],
  ignoreDo: ["忽略", "Ignore"],
  reasonQuote: ["引用原文", "Quoted as it stands"],
  reasonName: ["专有名称", "A proper name"],
  reasonHistory: ["历史表述", "A wording of its time"],
  reasonContext: ["此处用法无误", "Right in this place"],

  downloadTitle: ["下载", "Download"],
  scope: ["范围", "Of"],
  scopeOne: ["本文稿：{name}", "This draft: {name}"],
  scopeAll: ["全部 {n} 个文件", "All {n} files"],
  fixedFile: ["改好的文件", "The corrected file"],
  fixedFiles: ["改好的文件（逐个下载）", "The corrected files (one by one)"],
  fixedHelp: ["已采纳 {n} 处，其余原样不动", "{n} changes taken, the rest as it was"],
  fixedNone: ["还没有采纳任何修改", "No change was taken yet"],
  fixedText: ["纯文本，即文稿框中的文字", "Plain text, as it stands in the editor"],
  annotated: ["带修订和批注的 Word 文件", "Word file with tracked changes and comments"],
  annotatedHelp: [
    "已采纳的和把握大的修改写成修订，其余写成批注，在 Word 或 WPS 中逐条接受或拒绝",
    "Changes taken or safe as revisions, the rest as comments, to accept or reject in Word",
  ],
  annotatedMode: ["写成", "As"],
  modeBoth: ["修订，并附批注说明", "Revisions with comments"],
  modeTracked: ["修订；没有现成改法的写成批注", "Revisions; comments where there is no change"],
  modeComments: ["只写批注，不动文字", "Comments only"],
  html: ["检查报告（HTML）", "Report (HTML)"],
  htmlHelp: ["可打印，可离线打开", "To print, opens offline"],
  csv: ["问题清单（CSV）", "List (CSV)"],
  csvHelp: ["用 Excel 或 WPS 表格打开", "For a spreadsheet"],
  preparing: ["正在生成…", "Preparing…"],
  saved: ["已下载“{name}”", "“{name}” was downloaded"],
  reportSuffix: ["检查报告", "report"],
  listSuffix: ["问题清单", "list"],
  fixedSuffix: ["已改", "fixed"],

  tokenTitle: ["需要访问口令", "An access token is needed"],
  tokenText: [
    "这台服务器启动时设了口令（--token）。请向管理员索取，填在这里；关闭本标签页后即忘记。",
    "This server was started with --token. Ask its administrator; the token is forgotten when this tab closes.",
  ],
  token: ["口令", "Token"],
  tokenWrong: ["口令不对，请重新填写。", "That token is not right."],
  tokenDo: ["继续", "Continue"],

  takenOne: ["已采纳：{from} → {to}", "Taken: {from} → {to}"],
  takenMany: ["已采纳 {n} 处", "{n} changes taken"],
  takenNothing: ["没有可以放心采纳的修改了", "No safe change is left"],
  ignoredOne: ["已忽略：{found}", "Ignored: {found}"],
  ignoredMany: ["已忽略 {n} 处", "{n} ignored"],
  undone: ["已撤销", "Undone"],
  undoGone: [
    "那处文字后来又改过，无法撤销；可在文稿中按 Ctrl+Z",
    "That place was changed since: use Ctrl+Z in the text",
  ],
  skippedSome: ["{n} 处没有改成：{why}", "{n} could not be changed: {why}"],
  skippedMany: ["有 {n} 处没有改成", "{n} could not be changed"],
  "skip-breaks-markup": [
    "改动会破坏文件的格式，请在原文件中自行修改",
    "the change would break the file's markup: edit it by hand",
  ],
  "skip-restless": ["改后又会出现新问题，请自行修改", "the change would bring up another finding: edit it by hand"],
  "skip-unencodable": ["文件的编码写不出要改成的字", "the file's encoding lacks a character of the change"],
  "skip-no-fix": ["那里的文字不能自动修改，请在原文件中自行修改", "the text there cannot be changed for you: edit it by hand"],
  "skip-computed": [
    "是域结果、绑定控件或隐藏文字，请在来源处修改",
    "the text is computed or hidden: change it at its source",
  ],
  "skip-no-text": [
    "在属性、图表或批注中，Word 不能标注",
    "Word marks nothing in attributes, charts and comments",
  ],
  "skip-no-comments": [
    "Word 不能在页眉、页脚、注释和文本框中加批注",
    "Word takes no comments in headers, footers, notes and text boxes",
  ],
  "skip-no-suggestion": ["没有现成的改法", "there is no ready change"],
  "skip-unknown": ["文稿中已没有这处问题", "the finding is no longer in the draft"],

  errOffline: [
    "连不上正名：程序可能已经关闭。请重新启动正名（zhengming serve），再点“重试”。文稿还在这个页面里。",
    "zhengming does not answer; it may have been closed. Start it again (zhengming serve), then try again. Your draft is still on this page.",
  ],
  errTooLarge: [
    "文件超过了服务器允许的大小。请拆成几份再检查，或用命令行检查：zhengming check 文件名",
    "This is larger than the server accepts. Split it, or check it on the command line: zhengming check FILE",
  ],
  errBusy: [
    "服务器正忙，试了几次都没有空。请稍等一会儿再点“重试”。",
    "The server is busy and stayed so. Wait a little, then try again.",
  ],
  errTimeout: [
    "等了太久没有结果。请检查网络后重试；文件很大时，可拆成几份，或用命令行检查。",
    "There was no answer in time. Try again; split a very large file, or check it on the command line.",
  ],
  errAnswer: [
    "服务器的回答看不懂。请确认这个地址上运行的是正名，并且与本页是同一版本（刷新页面）。",
    "The answer makes no sense. Make sure that this address is zhengming's, and reload the page.",
  ],
  errServer: ["服务器出错（{status}）：{message}", "The server failed ({status}): {message}"],
  errRefused: ["服务器没有接受（{status}）：{message}", "The server refused ({status}): {message}"],
  errNoToken: ["没有口令，不能检查。", "Without the token nothing can be checked."],
  errFileGone: [
    "读不到这个文件：它可能在选择之后被移动、改名或修改过。请重新选择。",
    "This file cannot be read: it was moved, renamed or changed since it was chosen. Choose it again.",
  ],
  errFolder: ["“{name}”是文件夹。请选择其中的文件。", "“{name}” is a folder: choose the files in it."],
  unreadable: [
    "可以怎么办：确认文件没有损坏、没有加密；.doc、.wps 等格式请先另存为 .docx。",
    "What to do: make sure that the file is whole and not encrypted; save .doc or .wps as .docx first.",
  ],
  noticesTitle: ["请注意", "Please note"],

  keyNext: ["下一处、上一处（在任何地方）", "Next, previous (anywhere)"],
  keyTake: ["采纳当前这处", "Take the current one"],
  keyIgnore: ["忽略当前这处", "Ignore the current one"],
  keyAll: ["全部采纳", "Take all safe"],
  keyUndo: ["撤销上一次采纳或忽略", "Undo the last take or ignore"],
  keyTextUndo: ["在文稿中撤销输入", "Undo typing, in the text"],
  keyList: ["在问题列表和文件文稿中：下一处、上一处", "In the list and in a file's text: next, previous"],
  keyListActs: ["在问题列表和文件文稿中：采纳、忽略、撤销", "In the list and in a file's text: take, ignore, undo"],
  keyHelp: ["本窗口", "This window"],
  keysNote: ["Mac 上用 ⌘ 代替 Ctrl。", "On a Mac use ⌘ for Ctrl."],
};

/** The categories of the embedded lexicon and of the rules beside it; an office's own are called as they are. */
const CATEGORIES = {
  citation: ["法规引用", "citations"],
  collocations: ["词语搭配", "collocations"],
  dates: ["日期", "dates"],
  divisions: ["行政区划", "divisions"],
  draft: ["文稿疏漏", "oversights of a draft"],
  format: ["公文格式", "format"],
  hmt: ["港澳台表述", "Hong Kong, Macao and Taiwan"],
  idioms: ["成语", "idioms"],
  institutions: ["机构名称", "institutions"],
  leaders: ["领导人和职务", "leaders and posts"],
  meetings: ["会议和历史", "meetings and history"],
  names: ["地名和译名", "names of places and countries"],
  "near-miss": ["近似误写", "near misses"],
  numbers: ["数字和计量", "numbers"],
  "office-terms": ["公文用语", "office terms"],
  privacy: ["个人信息", "personal data"],
  punctuation: ["标点符号", "punctuation"],
  repealed: ["已废止的法规", "repealed statutes"],
  "set-phrases": ["固定表述", "set phrases"],
  statutes: ["法律法规名称", "statutes"],
  suppressions: ["不改的标记", "suppressions"],
  terms: ["术语", "terms"],
  typos: ["错别字", "typos"],
};

let lang = "zh";

/** The language spoken now: `zh` or `en`. */
export function language() {
  return lang;
}

export function speak(to) {
  lang = to;
}

/** The words for `key`, with `{name}` replaced by `values.name`. */
export function say(key, values = {}) {
  const pair = Object.hasOwn(WORDS, key) ? WORDS[key] : [key, key];
  const text = pair[lang === "zh" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** The words for `prefix-code`, or `code` itself where there are none. */
export function sayCode(prefix, code) {
  const key = prefix + code;
  return Object.hasOwn(WORDS, key) ? say(key) : code;
}

export function categoryName(category) {
  const pair = Object.hasOwn(CATEGORIES, category) ? CATEGORIES[category] : [category, category];
  return pair[lang === "zh" ? 0 : 1];
}

// What is invisible or turns the direction of writing: it would hide, or reorder what stands beside it.
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]/;
const HIDDEN_ALL = new RegExp(HIDDEN.source, "g");

/** `text` with every invisible character replaced by its code, as in ⟨200B⟩. */
export function visible(text) {
  return HIDDEN.test(text) ? text.replace(HIDDEN_ALL, (c) => hiddenName(c)) : text;
}

export function hiddenName(c) {
  return `⟨${c.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** `text` cut into stretches of shown and single hidden characters. */
export function* stretches(text) {
  let from = 0;
  if (HIDDEN.test(text)) {
    for (const hit of text.matchAll(HIDDEN_ALL)) {
      if (hit.index > from) yield { text: text.slice(from, hit.index), hidden: false };
      yield { text: hit[0], hidden: true };
      from = hit.index + hit[0].length;
    }
  }
  if (from < text.length) yield { text: text.slice(from), hidden: false };
}
