"""A lint over VBA text: what the compiler would refuse, as far as text alone can tell.

There is no free VBA compiler. This one knows lines, procedures, declarations and names; it does
not know types.
"""

import re


def words(text):
    return frozenset(text.split())


KEYWORDS = words(
    """
    abs addressof alias and any array as attribute byref byte byval call case cint clng close
    const currency date declare dim do each else elseif empty end erase err error exit explicit
    false for function get gosub goto if imp implements in input integer is let lib like line
    long longptr loop lset me mod new next not nothing null object on open optional option or
    paramarray preserve print private property ptrsafe public put raiseevent read redim rem
    resume rset seek select set single static step stop string sub then to true type typeof
    until variant vb_name vb_base vb_globalnamespace vb_creatable vb_predeclaredid vb_exposed
    vb_templatederived vb_customizable wend while with withevents write xor boolean double
    append output version begin class
    """
)
BUILTIN = words(
    """
    application activeworkbook activecell activesheet selection thisworkbook workbooks asc chr
    cverr debug dir environ err filelen format freefile getsetting instr isarray iserror isempty
    ismissing isobject kill lbound lcase left len mid mkdir msgbox now replace right savesetting
    shell strptr longptr space split str strcomp timer trim typename ubound ucase val vartype
    msgboxresult vbcrlf vblf vblong vbstring vbdouble vbdirectory vbtextcompare vbinformation
    vbexclamation vbcritical vbnormalfocus vbokonly vbhide vbminimizednofocus mac win64 vba7
    join hex createobject collection isnull timeserial withevents
    workbook range worksheet iribboncontrol xlpy
    """
)
OPENING = re.compile(
    r"^\s*(?:Public |Private |Friend )?(?:Static )?"
    r"(Function|Sub|Property (?:Get|Let|Set)) (\w+)\s*(?:\((.*)\))?"
)
NAME = re.compile(r"(?<![\w.!])[A-Za-z]\w*")


def statements(text):
    """Logical lines: continuations joined, strings and comments out, each with its line number."""
    joined, start, count = "", 0, 0
    for number, line in enumerate(text.split("\r\n"), 1):
        if joined == "":
            start, count = number, 0
        code = without_text(line)
        if code.rstrip().endswith(" _"):
            count += 1
            joined += code.rstrip()[:-1] + " "
            assert count <= 24, f"line {number}: more than 24 continuations"
            continue
        yield start, (joined + code).rstrip()
        joined = ""
    assert not joined, "the text ends within a statement"


def without_text(line):
    """A line with its strings emptied and its comment gone."""
    line = re.sub(r'"(?:[^"]|"")*"', '""', line)
    assert line.count('"') % 2 == 0, f"a string is not closed: {line}"
    return line.split("'", 1)[0]


def problems(text, known=()):
    """What is wrong with a module, as sentences. `known`: names that other modules declare."""
    found = []
    if not text.isascii():
        found.append("not ASCII")
    if re.search(r"(?<!\r)\n", text):
        found.append("a line does not end in CRLF")
    found += [
        f"line {number} is longer than 1023"
        for number, line in enumerate(text.split("\r\n"), 1)
        if len(line) > 1023
    ]
    lines = list(statements(text))
    if not any(code.strip() == "Option Explicit" for _, code in lines):
        found.append("no Option Explicit")
    declared, procedures = outline(lines)
    twice = {n for n in declared if [x.lower() for x in declared].count(n.lower()) > 1}
    found += [f"{name} is declared twice" for name in sorted(twice)]
    names = {name.lower() for name in declared} | {name.lower() for name in known}
    for body in procedures:
        found += undeclared(body, names)
    return found


def outline(lines):
    """Names that the module declares, and its procedures as lists of statements."""
    declared, procedures, body, otherwise = [], [], None, False
    for number, code in lines:
        otherwise = code.strip() == "#Else" or (otherwise and code.strip() != "#End If")
        if otherwise:
            continue
        opening = OPENING.match(code)
        if body is None and opening:
            declared.append(opening[2])
            body = [(number, code)]
        elif body is not None:
            body.append((number, code))
            if re.match(r"^\s*End (Function|Sub|Property)\s*$", code):
                procedures.append(body)
                body = None
        elif match := re.match(r"^\s*(?:Public|Private)? ?Declare .*?(?:Function|Sub) (\w+)", code):
            declared.append(match[1])
        elif match := re.match(r"^\s*(?:Public|Private|Dim|Const)\s+(.*)", code):
            declared += variables(match[1])
    assert body is None, "a procedure does not end"
    return declared, procedures


def variables(text):
    text = re.sub(r"^(Const|WithEvents|Optional|ByVal|ByRef|ParamArray)\s+", "", text.strip())
    return [
        re.sub(r"^(Optional |ByVal |ByRef |ParamArray |WithEvents )+", "", part.strip())
        .split(" ")[0]
        .split("(")[0]
        for part in split_commas(text)
        if part.strip()
    ]


def split_commas(text):
    return re.sub(r"\([^()]*\)", "()", text).split(",")


def undeclared(body, names):
    """Names that a procedure uses and nobody declares."""
    opening = OPENING.match(body[0][1])
    own = {opening[2].lower(), *(n.lower() for n in variables(opening[3] or ""))}
    parameters = [n.lower() for n in variables(opening[3] or "")]
    found = [
        f"line {body[0][0]}: {name} is declared twice"
        for name in parameters
        if parameters.count(name) > 1 or name == opening[2].lower()
    ]
    found += [f"line {body[0][0]}: {n} is a reserved word" for n in parameters if n in KEYWORDS]
    for _, code in body:
        if match := re.match(r"^\s*(?:Dim|Static|Const)\s+(.*)", code):
            own |= {name.lower() for name in variables(match[1])}
        if match := re.match(r"^(\w+):\s*$", code):
            own.add(match[1].lower())
    for number, code in body[1:]:
        if code.lstrip().startswith("#"):
            continue
        used = NAME.findall(re.sub(r"\b\w+\s*:=", "", code))
        found += [
            f"line {number}: {name} is not declared"
            for name in used
            if name.lower() not in KEYWORDS | BUILTIN | own | names
        ]
    return found
