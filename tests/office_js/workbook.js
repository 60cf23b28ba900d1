// Excel's objects as far as the pane asks, on Microsoft's own mock: what is read without load and
// sync is an error there, as in Excel. `window.book` is what a test puts into the workbook.
"use strict";
(() => {
  const { OfficeMockObject } = window.mock;
  const book = (window.book = {
    active: "Sheet1!B2", // the selected cell, or a range
    cells: {}, // address to { formula, text, type, parent }
    names: {}, // defined name to the text of its cell
    opened: [],
    calculated: [],
  });
  const events = { onSelectionChanged: [], onCalculated: [] };

  function range(address, isNullObject = false) {
    const cell = book.cells[address] ?? {};
    const data = {
      address,
      isNullObject,
      formulas: [[cell.formula ?? ""]],
      text: [[cell.text ?? ""]],
      valueTypes: [[cell.type ?? "Empty"]],
    };
    const object = new OfficeMockObject(data, "excel");
    object.isNullObject = isNullObject;
    object.getSpillParentOrNullObject = () =>
      track(cell.parent ? range(cell.parent) : range("", true));
    return track(object);
  }

  let tracked = [];
  function track(object) {
    tracked.push(object);
    return object;
  }

  function named(name) {
    const text = book.names[name];
    return {
      getRangeOrNullObject() {
        const object = new OfficeMockObject({ text: [[text ?? ""]] }, "excel");
        object.isNullObject = text === undefined;
        return track(object);
      },
    };
  }

  const event = (name) => ({ add: (handler) => events[name].push(handler) });
  const workbook = {
    names: { getItemOrNullObject: named },
    getActiveCell: () => range(book.active.split(":")[0]),
    getSelectedRange: () => range(book.active),
    onSelectionChanged: event("onSelectionChanged"),
    worksheets: {
      onCalculated: event("onCalculated"),
      getActiveWorksheet() {
        const object = new OfficeMockObject({ name: "Sheet1" }, "excel");
        object.calculate = (all) => book.calculated.push(all);
        return track(object);
      },
    },
  };

  window.select = async (address) => {
    book.active = address;
    for (const handler of events.onSelectionChanged) await handler();
  };
  window.recalculated = async () => {
    for (const handler of events.onCalculated) await handler();
  };
  window.Excel = {
    async run(work) {
      if (book.problem) throw new Error(book.problem);
      const sync = async () => {
        for (const object of tracked) {
          const written = object.formulas;
          await object.sync();
          if (Array.isArray(written) && object.address in (book.written ?? {})) continue;
          if (Array.isArray(written)) book.cells[object.address] = {
            ...book.cells[object.address], formula: written[0][0],
          };
        }
      };
      return work({ workbook, sync });
    },
    createWorkbook: async (text) => book.opened.push(text),
  };
  window.Office = {
    onReady: async () => ({ host: "Excel", platform: "Mac" }),
    context: {
      diagnostics: { host: "Excel", platform: "Mac", version: "16.90" },
      officeTheme: window.theme,
      requirements: { isSetSupported: (name) => name !== window.lacking },
    },
  };
  window.CustomFunctions = { associate() {}, Error: class {} };
})();
