// Drives `tracer dap FILE` with the client that VS Code's makers test their adapters with: there and back again.
const assert = require("assert");
const { DebugClient } = require("@vscode/debugadapter-testsupport");

async function main(tracer, file) {
  const client = new DebugClient(tracer, `dap ${file}`, "tracer", { env: process.env, shell: true });
  client.defaultTimeout = 20000;
  await client.start();
  const initialized = client.waitForEvent("initialized");
  const { body: capabilities } = await client.initializeRequest();
  await initialized;
  assert(capabilities.supportsStepBack && !capabilities.supportsSetVariable);
  const entry = client.waitForEvent("stopped");
  await client.launchRequest({});
  await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: "after_tool" }] });
  await client.configurationDoneRequest();
  const met = [(await entry).body];

  async function move(command) {
    const stopped = client.waitForEvent("stopped");
    await client.customRequest(command, { threadId: met[met.length - 1].threadId });
    met.push((await stopped).body);
    const { body } = await client.stackTraceRequest({ threadId: met[met.length - 1].threadId });
    const { body: { scopes } } = await client.scopesRequest({ frameId: body.stackFrames[0].id });
    await client.variablesRequest({ variablesReference: scopes[0].variablesReference });
  }
  for (const command of ["continue", "stepBack", "next", "continue", "reverseContinue", "stepIn", "stepOut"]) {
    await move(command);
  }
  await client.setFunctionBreakpointsRequest({ breakpoints: [] });
  await move("reverseContinue");
  await client.disconnectRequest({ terminateDebuggee: true });
  console.log(JSON.stringify({ said: met.map((body) => body.description), reasons: met.map((body) => body.reason) }));
}

main(process.argv[2], process.argv[3]).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
