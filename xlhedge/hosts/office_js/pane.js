// The task pane: why a cell shows what it shows, the open desk, functions, templates, the doctor.
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);
  const EMPTY = "Empty";
  const KINDS = [
    [/^(CHECK|BREACH|FAIL)/, "problem"],
    [/^(WATCH|TRADE|EXAMPLE|NOT JUDGED)/, "warning"],
    [/^(OK|PASS)/, "ok"],
  ];
  let catalog = { functions: [], templates: [] };
  let chosen = null;

  function element(name, properties = {}, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function show(node, text, kind = "") {
    node.textContent = text;
    node.className = kind;
  }

  // Work that a button starts: what goes wrong is said where the result would be.
  function doing(state, work) {
    return async (event) => {
      event?.preventDefault();
      try {
        await work();
      } catch (problem) {
        show(state, problem.message, "problem");
      }
    };
  }

  async function ask(path) {
    const options = { method: "POST", headers: xlhedge.authorization() };
    const response = await fetch(path, options).catch(() => {
      throw new Error("The server does not answer: start it with xlhedge serve.");
    });
    if (response.ok) return response;
    const said = await response.json().catch(() => ({}));
    throw new Error(said.error ?? `the server answered ${response.status}`);
  }

  // Tabs: arrows, Home and End move between them.

  function tabs() {
    return [...document.querySelectorAll("[role=tab]")];
  }

  function open(tab) {
    for (const other of tabs()) {
      const isOpen = other === tab;
      other.setAttribute("aria-selected", isOpen);
      other.tabIndex = isOpen ? 0 : -1;
      byId(other.getAttribute("aria-controls")).hidden = !isOpen;
    }
    if (tab.id === "tab-desk") readDesk();
    if (tab.id === "tab-why") readCell();
  }

  function moveBetweenTabs(event) {
    const all = tabs();
    const at = all.indexOf(document.activeElement);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const next = all[(steps[event.key] + all.length) % all.length];
    next.focus();
    open(next);
  }

  // Why

  const readCell = doing(byId("why-reason"), () =>
    Excel.run(async (context) => {
      const cell = context.workbook.getActiveCell();
      const parent = cell.getSpillParentOrNullObject();
      cell.load("address,formulas");
      parent.load("address,formulas");
      await context.sync();
      const from = parent.isNullObject ? cell : parent;
      explain(cell.address, from.address, String(from.formulas[0][0]));
    }),
  );

  function explain(address, from, formula) {
    const spilled = from === address ? "" : `, spilled from ${from}`;
    show(byId("why-place"), address + spilled, "quiet");
    const isOurs = formula.startsWith("=") && formula.toUpperCase().includes("XLHEDGE.");
    byId("why-formula").hidden = !isOurs;
    byId("why-formula").textContent = formula;
    const known = xlhedge.reasons.get(xlhedge.normal(from));
    byId("why-calculate").hidden = !isOurs || Boolean(known);
    const reason = byId("why-reason");
    if (!isOurs) show(reason, "No function of xlhedge is in this cell.");
    else if (!known) show(reason, "It has not been calculated since the add-in was started.");
    else if (known.why) show(reason, `${known.name}: ${known.why}`, "problem");
    else show(reason, `${known.name}: ok`, "ok");
  }

  const calculateSheet = doing(byId("why-reason"), () =>
    Excel.run(async (context) => {
      context.workbook.worksheets.getActiveWorksheet().calculate(true);
      await context.sync();
      show(byId("why-reason"), "Calculating: select the cell again.");
    }),
  );

  // Desk

  const readDesk = doing(byId("desk-state"), () =>
    Excel.run(async (context) => {
      const names = context.workbook.names;
      const asked = catalog.templates.map(({ figures }) =>
        figures.map((figure) => {
          const range = names.getItemOrNullObject(figure.name).getRangeOrNullObject();
          range.load("text");
          return { figure, range };
        }),
      );
      await context.sync();
      // Templates share some names: the workbook is of the one whose status and most cells it has.
      const isThere = ({ range }) => !range.isNullObject;
      const found = asked
        .filter((cells) => cells.length && isThere(cells[0]))
        .map((cells) => cells.filter(isThere))
        .reduce((best, cells) => (cells.length > best.length ? cells : best), []);
      byId("desk-figures").hidden = !found.length;
      const missing = "This workbook has none of our key figures: open the template hedge_desk.";
      show(byId("desk-state"), found.length ? "" : missing);
      byId("desk-figures").tBodies[0].replaceChildren(
        ...found.map(({ figure, range }) => row(figure, range.text[0][0])),
      );
    }),
  );

  function row({ label, unit }, text) {
    const head = element("th", { scope: "row" }, label);
    if (unit) head.append(element("span", { className: "quiet" }, ` ${unit}`));
    const kind = KINDS.find(([words]) => words.test(text))?.[1] ?? "";
    return element("tr", {}, head, element("td", { className: kind }, text));
  }

  // Functions

  function listFunctions() {
    const words = byId("search").value.toLowerCase().split(/\s+/);
    const groups = new Map();
    for (const item of catalog.functions) {
      const text = `${item.name} ${item.summary} ${item.topic}`.toLowerCase();
      if (!words.every((word) => text.includes(word))) continue;
      if (!groups.has(item.topic)) groups.set(item.topic, element("optgroup", { label: item.topic }));
      groups.get(item.topic).append(element("option", { value: item.name }, item.name));
    }
    byId("names").replaceChildren(...groups.values());
    const first = byId("names").options[0];
    if (first) {
      first.selected = true;
      choose();
    }
  }

  function choose() {
    chosen = catalog.functions.find((item) => item.name === byId("names").value);
    if (!chosen) return;
    show(byId("summary"), chosen.summary);
    const help = element("a", { href: `functions.html#${chosen.name}`, target: "_blank" });
    help.textContent = `More on ${chosen.name}`;
    byId("summary").append(" ", help);
    byId("arguments").replaceChildren(
      ...chosen.parameters.flatMap(field),
      element("pre", { id: "formula" }),
      element("button", { id: "put", className: "main" }, "Insert"),
      element("p", { id: "put-state", role: "status" }),
    );
    preview();
  }

  function field({ name, required, optional, default: standard, choices, help }, index) {
    const id = `argument-${index}`;
    const told = optional ? (standard === null ? "optional" : `optional, else ${standard}`) : "";
    const label = element("label", { htmlFor: id }, name, " ");
    if (told) label.append(element("span", { className: "quiet" }, told));
    const hint = element("div", { id: `${id}-help`, className: "quiet" }, help);
    const input = choices.length
      ? element("select", { id }, ...["", ...choices].map((item) => option(item)))
      : element("input", { id, autocomplete: "off", spellcheck: false });
    input.setAttribute("aria-describedby", hint.id);
    input.required = required;
    const take = element("button", { type: "button" }, "Cells");
    take.setAttribute("aria-label", `Take the selected cells for ${name}`);
    take.addEventListener("click", doing(hint, () => takeSelection(input)));
    return [label, choices.length ? input : element("div", { className: "row" }, input, take), hint];
  }

  function option(text) {
    return element("option", { value: text && `"${text}"` }, text);
  }

  function takeSelection(input) {
    return Excel.run(async (context) => {
      const range = context.workbook.getSelectedRange();
      const active = context.workbook.worksheets.getActiveWorksheet();
      range.load("address");
      active.load("name");
      await context.sync();
      input.value = range.address;
      preview();
    });
  }

  function formula() {
    const values = chosen.parameters.map((_, index) => byId(`argument-${index}`).value.trim());
    while (values.length && !values[values.length - 1]) values.pop();
    return `=${chosen.formula}(${values.join(",")})`;
  }

  function preview() {
    byId("formula").textContent = formula();
    byId("put").textContent = "Insert";
    byId("put").dataset.over = "";
  }

  // A cell that holds something is replaced only when the button has named it.
  function insert() {
    const state = byId("put-state");
    return doing(state, () =>
      Excel.run(async (context) => {
        const cell = context.workbook.getActiveCell();
        cell.load("address,valueTypes,formulas");
        await context.sync();
        const isFree = cell.valueTypes[0][0] === EMPTY && cell.formulas[0][0] === "";
        if (!isFree && byId("put").dataset.over !== cell.address) {
          byId("put").dataset.over = cell.address;
          byId("put").textContent = `Replace ${cell.address}`;
          show(state, `${cell.address} holds ${cell.formulas[0][0]}`, "warning");
          return;
        }
        cell.formulas = [[formula()]];
        await context.sync();
        preview();
        show(state, `Written into ${cell.address}.`, "ok");
      }),
    )();
  }

  // Templates

  function listTemplates() {
    byId("template-list").replaceChildren(
      ...catalog.templates.map(({ name, summary }) => {
        const button = element("button", {}, name);
        button.addEventListener("click", doing(byId("template-state"), () => openTemplate(name)));
        return element("li", {}, button, element("div", { className: "quiet" }, summary));
      }),
    );
  }

  async function openTemplate(name) {
    show(byId("template-state"), `Making ${name} …`);
    const bytes = new Uint8Array(await (await ask(`template/${name}`)).arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 32768) {
      text += String.fromCharCode(...bytes.subarray(at, at + 32768));
    }
    await Excel.createWorkbook(btoa(text));
    show(byId("template-state"), `${name} is open as a new workbook; save it under your own name.`);
  }

  // Doctor

  const check = doing(byId("doctor-state"), async () => {
    show(byId("doctor-state"), "Checking …");
    const start = performance.now();
    const findings = await (await ask("doctor")).json();
    const milliseconds = Math.round(performance.now() - start);
    const all = [...ownFindings(milliseconds), ...findings];
    byId("doctor-findings").replaceChildren(
      ...all.flatMap(({ check: name, grade, finding, cure }) => [
        element("dt", { className: grade }, `${name}: ${grade}`),
        element("dd", {}, finding, ...(cure ? [element("div", { className: "quiet" }, cure)] : [])),
      ]),
    );
    const problems = all.filter(({ grade }) => grade === "problem").length;
    show(byId("doctor-state"), problems ? `${problems} to mend` : "No problem was found.");
  });

  function ownFindings(milliseconds) {
    const told = Office.context?.diagnostics ?? {};
    const isSupported = (name, version) =>
      Boolean(Office.context?.requirements?.isSetSupported(name, version));
    const { calls, requests, retries } = xlhedge.counts;
    const sets = [["SharedRuntime", "1.1"], ["CustomFunctionsRuntime", "1.3"], ["ExcelApi", "1.12"]];
    const lacking = sets.filter(([name, version]) => !isSupported(name, version));
    const places = [told.host, told.platform, told.version].filter(Boolean).join(" ");
    return [
      { check: "this Excel", grade: "ok", finding: places || "Excel did not say what it is" },
      lacking.length
        ? {
            check: "requirements",
            grade: "problem",
            finding: `this Excel lacks ${lacking.map((set) => set.join(" ")).join(", ")}`,
            cure: "Update Excel; Microsoft 365 has all of them.",
          }
        : { check: "requirements", grade: "ok", finding: sets.map((s) => s.join(" ")).join(", ") },
      {
        check: "server",
        grade: "ok",
        finding: `version ${catalog.version} answered in ${milliseconds} ms; ` +
          `${calls} calls in ${requests} requests, ${retries} tried again`,
      },
    ];
  }

  // Start

  function follow() {
    return Excel.run(async (context) => {
      const isOpen = (id) => !byId(id).hidden;
      context.workbook.onSelectionChanged.add(async () => isOpen("why") && readCell());
      context.workbook.worksheets.onCalculated.add(async () => {
        if (isOpen("desk")) await readDesk();
        if (isOpen("why")) await readCell();
      });
      await context.sync();
    });
  }

  function useTheme() {
    const back = Office.context?.officeTheme?.bodyBackgroundColor ?? "";
    const parts = /^#(..)(..)(..)/.exec(back);
    if (!parts) return;
    const sum = parts.slice(1).reduce((total, part) => total + parseInt(part, 16), 0);
    document.documentElement.dataset.theme = sum < 382 ? "dark" : "light";
  }

  async function start() {
    useTheme();
    byId("token-form").hidden = xlhedge.hasToken() || !catalog.asksForToken;
    listFunctions();
    listTemplates();
    await follow();
    await readCell();
  }

  for (const tab of tabs()) tab.addEventListener("click", () => open(tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", moveBetweenTabs);
  byId("why-calculate").addEventListener("click", calculateSheet);
  byId("desk-read").addEventListener("click", readDesk);
  byId("search").addEventListener("input", listFunctions);
  byId("names").addEventListener("change", choose);
  byId("arguments").addEventListener("input", preview);
  byId("arguments").addEventListener("submit", (event) => {
    event.preventDefault();
    insert();
  });
  byId("doctor-run").addEventListener("click", check);
  byId("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    xlhedge.useToken(byId("token").value.trim());
    byId("token-form").hidden = true;
  });

  const ready = doing(byId("why-reason"), async () => {
    catalog = await (await fetch("catalog.json")).json();
    await Office.onReady();
    await start();
  });
  ready();
})();
