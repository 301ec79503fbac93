// Drives `tracer dap` with the client that VS Code's makers test their adapters with. Prints what it saw as JSON.
const assert = require("assert");
const { DebugClient } = require("@vscode/debugadapter-testsupport");

async function main(tracer) {
  const client = new DebugClient(tracer, "dap", "tracer", { env: process.env });
  client.defaultTimeout = 20000;
  await client.start();
  let text = "";
  client.on("output", (event) => (text += event.body.output));

  const initialized = client.waitForEvent("initialized");
  const { body: capabilities } = await client.initializeRequest();
  await initialized;
  assert(capabilities.supportsFunctionBreakpoints && capabilities.supportsSetVariable);
  await client.attachRequest({});
  const set = await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "after_tool:add" }] });
  assert(set.body.breakpoints.every((one) => one.verified));
  const first = client.waitForEvent("stopped");
  await client.configurationDoneRequest();

  const { body: stopped } = await first;
  const threads = (await client.threadsRequest()).body.threads.map((thread) => thread.name);
  const frames = (await client.stackTraceRequest({ threadId: stopped.threadId })).body.stackFrames;
  const { body: document } = await client.sourceRequest(frames[1].source);
  const { body: { scopes } } = await client.scopesRequest({ frameId: frames[0].id });
  const input = scopes.find((scope) => scope.name === "Input");
  const { body: { variables } } = await client.variablesRequest({ variablesReference: input.variablesReference });
  const name = variables[0].name;
  await client.setVariableRequest({ variablesReference: input.variablesReference, name, value: "100" });
  const { body: evaluated } = await client.evaluateRequest({ expression: `input.${name}`, frameId: frames[0].id });

  const second = client.waitForEvent("stopped");
  await client.continueRequest({ threadId: stopped.threadId });
  const after = (await second).body;
  const ended = client.waitForEvent("terminated");
  await client.continueRequest({ threadId: after.threadId });
  await ended;
  client.stopAdapter();
  const points = [stopped.description, after.description];
  console.log(JSON.stringify({ points, threads, frames: frames.length, document: document.content, evaluated, text }));
}

main(process.argv[2]).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
