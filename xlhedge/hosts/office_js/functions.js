// The functions in Excel. What a cell asks is sent to the server together with everything else
// that Excel asks in the same calculation, and the answers come back in the order of the questions.
"use strict";

const xlhedge = (() => {
  const SETTINGS = __SETTINGS__;
  const PAUSE = 15; // milliseconds in which the calls of one calculation gather
  const MOST_CALLS = 2000; // in one request
  const MOST_REASONS = 20000; // kept for the pane
  const PATIENCE = 60000; // milliseconds for which a server that does not answer is asked again
  const LONGEST_WAIT = 4000;
  const RETRIED = new Set([502, 503, 504]);
  const EMPTY = "Empty"; // Excel.RangeValueType.empty
  const EDITING = "InvalidOperationInCellEditMode";
  // Excel shows a sentence with these two errors only, and takes no others than these back.
  const EXPLAINED = new Set(["#VALUE!", "#N/A"]);
  const RETURNED = new Set(["#VALUE!", "#N/A", "#NUM!", "#DIV/0!", "#NULL!"]);

  let token = tokenIn(globalThis.location?.hash ?? "");
  let waiting = [];
  let timer = null;
  const reasons = new Map(); // address of a cell to what its last call said
  const counts = { calls: 0, requests: 0, canceled: 0, retries: 0 };

  function tokenIn(fragment) {
    return new URLSearchParams(fragment.replace(/^#/, "")).get("token") ?? "";
  }

  function call({ name, alone }, values, invocation) {
    return new Promise((resolve, reject) => {
      const entry = {
        name,
        alone,
        values,
        place: invocation?.address ?? "",
        addresses: (invocation?.parameterAddresses ?? []).flat(),
        resolve,
        reject,
        canceled: false,
        request: null,
      };
      if (invocation) invocation.onCanceled = () => cancel(entry);
      waiting.push(entry);
      timer ??= setTimeout(flush, PAUSE);
    });
  }

  function cancel(entry) {
    entry.canceled = true;
    counts.canceled += 1;
    const request = entry.request;
    if (request?.entries.every((other) => other.canceled)) request.controller.abort();
  }

  async function flush() {
    const gathered = waiting;
    waiting = [];
    timer = null;
    try {
      await findBlanks(gathered);
    } catch (problem) {
      const text = `Excel did not say which cells are blank (${problem.message}): calculate again`;
      for (const entry of gathered) fail(entry, "#N/A", text);
      return;
    }
    for (const entries of requestsOf(gathered.filter((entry) => !entry.canceled))) send(entries);
  }

  // What may take seconds goes alone, so that nothing waits for it; the rest goes together.
  function requestsOf(entries) {
    const requests = [];
    let together = [];
    let size = 0;
    for (const entry of entries) {
      entry.text = JSON.stringify([entry.name, entry.values.map(given)]);
      entry.values = null;
      if (entry.text.length + 100 > SETTINGS.bodyBytes) {
        const limit = Math.floor(SETTINGS.bodyBytes / 1048576);
        fail(entry, "#N/A", `the arguments are larger than the server takes (${limit} MB)`);
      } else if (entry.alone) {
        requests.push([entry]);
      } else {
        if (together.length === MOST_CALLS || size + entry.text.length + 100 > SETTINGS.bodyBytes) {
          requests.push(together);
          together = [];
          size = 0;
        }
        together.push(entry);
        size += entry.text.length + 1;
      }
    }
    if (together.length) requests.push(together);
    return requests;
  }

  function given(argument) {
    if (!Array.isArray(argument)) return argument === undefined ? null : cell(argument);
    return argument.map((row) => (Array.isArray(row) ? row.map(cell) : cell(row)));
  }

  function cell(value) {
    if (value === null || value === undefined || value === "") return null;
    if (typeof value === "number") return Number.isFinite(value) ? value : { error: "#NUM!" };
    if (typeof value !== "object") return value;
    return { error: String(value.code ?? value.basicValue ?? "#VALUE!") };
  }

  async function send(entries) {
    const controller = new AbortController();
    const request = { entries, controller };
    for (const entry of entries) entry.request = request;
    const body = `{"calls":[${entries.map((entry) => entry.text).join(",")}]}`;
    counts.calls += entries.length;
    try {
      const response = await post("call", body, controller.signal);
      if (response.status === 200) {
        const { results } = await response.json();
        entries.forEach((entry, index) => settle(entry, results[index]));
      } else {
        const text = await refusal(response);
        for (const entry of entries) fail(entry, "#N/A", text);
      }
    } catch (problem) {
      const text = `the xlhedge server does not answer (${problem.message}): start xlhedge serve`;
      for (const entry of entries) fail(entry, "#N/A", text);
    }
  }

  // Calls change nothing, so one that a stopped or busy server has lost can be made again.
  async function post(path, body, canceled) {
    const end = Date.now() + PATIENCE;
    for (let wait = 200; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
      counts.requests += 1;
      const isLast = Date.now() + wait >= end;
      try {
        const response = await once(path, body, canceled);
        if (!RETRIED.has(response.status) || isLast) return response;
      } catch (problem) {
        if (canceled.aborted || problem.isLate || isLast) throw problem;
      }
      counts.retries += 1;
      await new Promise((resume) => setTimeout(resume, wait * (0.75 + Math.random() / 2)));
      if (canceled.aborted) throw new Error("canceled");
    }
  }

  async function once(path, body, canceled) {
    const controller = new AbortController();
    const stop = () => controller.abort();
    canceled.addEventListener("abort", stop);
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      stop();
    }, 1000 * SETTINGS.seconds + PATIENCE);
    try {
      return await fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...authorization() },
        body,
        signal: controller.signal,
      });
    } catch (problem) {
      throw Object.assign(new Error(isLate ? "it takes too long" : problem.message), { isLate });
    } finally {
      clearTimeout(limit);
      canceled.removeEventListener("abort", stop);
    }
  }

  function authorization() {
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  async function refusal(response) {
    try {
      return (await response.json()).error;
    } catch {
      return `the server answered ${response.status}`;
    }
  }

  function settle(entry, { value, why }) {
    if (entry.canceled) return;
    const first = value[0][0];
    if (value.length === 1 && value[0].length === 1 && first?.error) {
      fail(entry, first.error, why);
      return;
    }
    let sentence = why;
    const shown = (item) => {
      if (item === null) return ""; // Excel would make a zero of it
      if (typeof item !== "object") return item;
      const problem = asError(item.error, sentence);
      sentence = undefined; // it is about the first
      return problem;
    };
    remember(entry, why);
    entry.resolve(value.map((row) => row.map(shown)));
  }

  function fail(entry, code, why) {
    if (entry.canceled) return;
    remember(entry, why);
    entry.reject(asError(code, why));
  }

  function asError(code, why) {
    const returned = RETURNED.has(code) ? code : "#VALUE!";
    return new CustomFunctions.Error(returned, EXPLAINED.has(returned) ? why : undefined);
  }

  function remember(entry, why) {
    const place = normal(entry.place);
    if (!place) return;
    const before = reasons.get(place);
    reasons.delete(place);
    // A formula may hold several calls: the first that failed is the one to know of.
    const kept = before?.why && !why && Date.now() - before.time < 1000 ? before : null;
    reasons.set(place, kept ?? { name: entry.name, why: why ?? null, time: Date.now() });
    if (reasons.size > MOST_REASONS) reasons.delete(reasons.keys().next().value);
  }

  function normal(address) {
    const { sheet, cells } = split(address);
    return cells && `${sheet}!${cells}`.toUpperCase();
  }

  // 'Bob''s book'!$A$1 is cell A1 of the sheet Bob's book.
  function split(address) {
    const mark = address.lastIndexOf("!");
    const quoted = mark < 0 ? "" : address.slice(0, mark);
    const plain = quoted.startsWith("'") ? quoted.slice(1, -1).replaceAll("''", "'") : quoted;
    return { sheet: plain, cells: address.slice(mark + 1).replaceAll("$", "") };
  }

  // Excel on the desktop gives a blank cell as 0 and on the web as null. Where a 0 may be a blank,
  // the cells are looked at, all of a calculation in one request.
  async function findBlanks(entries) {
    const doubtful = [];
    for (const { values, addresses } of entries) {
      values.forEach((argument, index) => {
        const address = addresses[index];
        if (typeof address === "string" && address && hasZero(argument)) {
          doubtful.push({ values, index, address });
        }
      });
    }
    if (!doubtful.length || typeof Excel === "undefined") return;
    const blanks = await blanksAt(new Set(doubtful.map((item) => item.address)));
    for (const { values, index, address } of doubtful) {
      const isBlank = blanks.get(address);
      const rows = Array.isArray(values[index]) ? values[index] : [[values[index]]];
      values[index] = rows.map((row, r) =>
        row.map((value, c) => (value === 0 && isBlank(r, c) ? null : value)),
      );
    }
  }

  function hasZero(argument) {
    if (!Array.isArray(argument)) return argument === 0;
    return argument.some((row) => (Array.isArray(row) ? row.includes(0) : row === 0));
  }

  async function blanksAt(addresses) {
    for (let tries = 0; ; tries += 1) {
      try {
        return await askBlanks(addresses);
      } catch (problem) {
        if (problem.code !== EDITING || tries === 20) throw problem;
        await new Promise((resume) => setTimeout(resume, 500));
      }
    }
  }

  function askBlanks(addresses) {
    return Excel.run(async (context) => {
      const asked = [...addresses].map((address) => {
        const { sheet, cells } = split(address);
        const sheets = context.workbook.worksheets;
        const from = sheet ? sheets.getItem(sheet) : sheets.getActiveWorksheet();
        const range = from.getRange(cells);
        const used = range.getUsedRangeOrNullObject(true);
        range.load("rowIndex,columnIndex");
        used.load("rowIndex,columnIndex,valueTypes");
        return { address, range, used };
      });
      await context.sync();
      return new Map(asked.map(({ address, range, used }) => [address, blankIn(range, used)]));
    });
  }

  // Outside of the part of a range that is used every cell is blank.
  function blankIn(range, used) {
    if (used.isNullObject) return () => true;
    const down = used.rowIndex - range.rowIndex;
    const across = used.columnIndex - range.columnIndex;
    return (row, column) => (used.valueTypes[row - down]?.[column - across] ?? EMPTY) === EMPTY;
  }

  function register() {
    for (const [id, declared] of Object.entries(SETTINGS.functions)) {
      CustomFunctions.associate(id, (...values) => {
        const invocation = values.pop();
        return call(declared, declared.repeats ? flat(values) : values, invocation);
      });
    }
  }

  // An argument that may be given any number of times comes as one list of ranges.
  function flat(values) {
    const rest = values[values.length - 1];
    const isList = Array.isArray(rest) && rest.every((one) => !one || Array.isArray(one[0]));
    return isList ? [...values.slice(0, -1), ...rest] : values;
  }

  register();
  return {
    reasons,
    counts,
    normal,
    authorization,
    hasToken: () => token !== "",
    useToken: (text) => {
      token = text;
    },
  };
})();
