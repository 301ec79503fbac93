// Tells VS Code which program speaks for the debug type `tracer`. All else is in the protocol.
"use strict";

const vscode = require("vscode");

function createDebugAdapterDescriptor(session) {
  const { command, session: live } = session.configuration;
  return new vscode.DebugAdapterExecutable(command || "tracer", live ? ["dap", live] : ["dap"]);
}

function activate(context) {
  context.subscriptions.push(
    vscode.debug.registerDebugAdapterDescriptorFactory("tracer", { createDebugAdapterDescriptor }),
  );
}

module.exports = { activate };
