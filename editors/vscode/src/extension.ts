// Seedling for VS Code: runs the language server and says in the status bar how it does. Completions and code actions
// are the language client's own; nothing here looks at the user's text.
import * as vscode from "vscode";
import { LanguageClient, LanguageClientOptions, ServerOptions, State } from "vscode-languageclient/node";
import * as server from "./server";

let client: LanguageClient | undefined;
let status: vscode.StatusBarItem;
let channel: vscode.LogOutputChannel;
let folder: string;
let alarm: NodeJS.Timeout | undefined;
let queue: Promise<void> = Promise.resolve();

function settings(): server.Settings {
  const section = vscode.workspace.getConfiguration("seedling");
  return server.readSettings((name, fallback) => section.get(name, fallback));
}

function show(icon: string, text: string, isProblem = false): void {
  status.text = `$(${icon}) Seedling`;
  status.tooltip = `Seedling: ${text}. Click to turn it on or off.`;
  status.backgroundColor = isProblem ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  status.show();
}

async function stop(): Promise<void> {
  const running = client;
  client = undefined;
  // A server that does not start cannot be stopped either.
  await running?.dispose().catch((problem) => channel.error(String(problem)));
}

async function start(): Promise<void> {
  const wanted = settings();
  if (!wanted.enable) return show("circle-slash", "off");
  const command = server.findServer(wanted, folder, process.env.PATH ?? "");
  if (command === undefined) {
    show("warning", "the server is missing", true);
    void offerSettings(server.missingServer(wanted));
    return;
  }
  const program: ServerOptions = { command, args: server.serverArguments(wanted) };
  const options: LanguageClientOptions = {
    documentSelector: server.languages.map((language) => ({ language })),
    outputChannel: channel,
    initializationOptions: { seedling: server.forServer(wanted) },
  };
  client = new LanguageClient("seedling", "Seedling", program, options);
  client.onDidChangeState((change) => {
    if (change.newState === State.Running) show("sparkle", "running");
    if (change.newState === State.Starting) show("loading~spin", "starting");
    if (change.newState === State.Stopped && settings().enable) show("warning", "the server has stopped", true);
  });
  await client.start().catch((problem) => {
    show("warning", "the server does not start", true);
    channel.error(`${command}: ${problem}`);
  });
}

async function offerSettings(message: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(`Seedling: ${message}`, "Open Settings");
  if (chosen) await vscode.commands.executeCommand("workbench.action.openSettings", "seedling.serverPath");
}

// One start or stop after the other, however fast they are asked for.
function enqueue(...steps: (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) {
    queue = queue.then(step).catch((problem) => channel.error(String(problem)));
  }
  return queue;
}

async function toggle(): Promise<void> {
  const section = vscode.workspace.getConfiguration("seedling");
  await section.update("enable", !settings().enable, vscode.ConfigurationTarget.Global);
}

// Asked for by hand, completions come all the same.
async function nap(): Promise<void> {
  const chosen = await vscode.window.showQuickPick(Object.keys(server.naps), {
    placeHolder: "How long are no completions to be shown while you type?",
  });
  if (chosen === undefined || client === undefined) return;
  const minutes = server.naps[chosen as keyof typeof server.naps];
  await client.sendRequest("workspace/executeCommand", { command: "seedling.snooze", arguments: [minutes] });
  clearTimeout(alarm);
  if (minutes === 0) return show("sparkle", "running");
  show("bell-slash", `snoozing for ${minutes} minutes`);
  alarm = setTimeout(() => client?.state === State.Running && show("sparkle", "running"), minutes * 60_000);
}

function onSettings(event: vscode.ConfigurationChangeEvent): void {
  if (!event.affectsConfiguration("seedling")) return;
  const isStart = ["enable", ...server.startSettings].some((name) => event.affectsConfiguration(`seedling.${name}`));
  if (isStart || client === undefined) {
    void enqueue(stop, start);
  } else {
    const changed = { settings: { seedling: server.forServer(settings()) } };
    void client.sendNotification("workspace/didChangeConfiguration", changed);
  }
}

export function activate(context: vscode.ExtensionContext): Promise<void> {
  folder = context.extensionPath;
  channel = vscode.window.createOutputChannel("Seedling", { log: true });
  status = vscode.window.createStatusBarItem("seedling.status", vscode.StatusBarAlignment.Right, 90);
  status.name = "Seedling";
  status.command = "seedling.toggle";
  context.subscriptions.push(
    channel,
    status,
    vscode.commands.registerCommand("seedling.restart", () => enqueue(stop, start)),
    vscode.commands.registerCommand("seedling.toggle", toggle),
    vscode.commands.registerCommand("seedling.nap", nap),
    vscode.workspace.onDidChangeConfiguration(onSettings),
  );
  return enqueue(start);
}

export function deactivate(): Promise<void> {
  return enqueue(stop);
}
