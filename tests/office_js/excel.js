// Excel's side of Microsoft's runtime: sends calls over the native bridge as Excel does, and takes
// what the runtime hands to Excel as each call's result.
"use strict";
window.excel = (() => {
  const CALL = 1000, CANCEL = 1001, CUSTOM_FUNCTIONS = 1;
  const CANCELABLE = 1, ALLOWS_ERRORS = 4;
  const LONGEST = 90000;
  const pending = new Map();
  const finished = [];
  let next = 1;

  const bridge = {
    onMessageFromHost: null, // set by the runtime
    sendMessageToHost(text) {
      const { id, message } = JSON.parse(text);
      const { Actions = [] } = message.body ?? {};
      for (const action of Actions) {
        if (/^SetInvocation(Array)?Results$/.test(action.Name)) {
          for (const result of action.ArgumentInfo.Arguments[0]) arrived(result);
        }
      }
      const Results = Actions.map((action) => ({ ActionId: action.Id, Value: null }));
      const body = JSON.stringify({ Results });
      const reply = { id, type: 2, message: { statusCode: 200, headers: {}, body } };
      setTimeout(() => bridge.onMessageFromHost(JSON.stringify(reply)));
    },
  };

  function arrived(result) {
    if (Array.isArray(result)) {
      const [id, ok, value, errorCode] = result;
      result = { id, failed: !ok, value, errorCode };
    }
    finished.push(result.id);
    pending.get(result.id)?.(result);
    pending.delete(result.id);
  }

  function tell(entries) {
    const message = { entries };
    bridge.onMessageFromHost(JSON.stringify({ type: 3, message }));
  }

  // A call is [name, arguments, address of the cell, addresses of the arguments].
  function calculate(calls) {
    const ids = calls.map(() => next++);
    const results = ids.map((id) => new Promise((resolve) => pending.set(id, resolve)));
    tell(
      calls.map(([name, values, address = "", addresses = null], index) => ({
        messageCategory: CUSTOM_FUNCTIONS,
        messageType: CALL,
        targetId: "",
        message: JSON.stringify([
          ids[index], name, values, address, CANCELABLE | ALLOWS_ERRORS, addresses,
        ]),
      })),
    );
    return { ids, results: Promise.all(results) };
  }

  function cancel(ids) {
    tell(
      ids.map((invocationId) => ({
        messageCategory: CUSTOM_FUNCTIONS,
        messageType: CANCEL,
        targetId: "",
        message: JSON.stringify({ invocationId }),
      })),
    );
  }

  window._richApiNativeBridge = bridge;
  return {
    calculate(calls) {
      const late = new Promise((_, reject) => {
        setTimeout(() => reject(new Error("Excel got no result")), LONGEST);
      });
      return Promise.race([calculate(calls).results, late]);
    },
    begin: (calls) => calculate(calls).ids,
    cancel,
    finished,
    waiting: () => pending.size,
  };
})();
