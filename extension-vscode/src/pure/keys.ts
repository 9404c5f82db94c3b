/** Settings through which a container reaches further: what each means when it changes in a container's window. */

export const WATCHED: ReadonlyMap<string, string> = new Map([
  ["workbench.externalBrowser", "links from the container start this program on your machine"],
  ["remote.extensionKind", "it decides which extensions run on your machine"],
  ["remote.localPortHost", "forwarded ports may listen beyond this machine"],
  ["remote.autoForwardPorts", "ports of the container open on your machine by themselves"],
  ["terminal.integrated.allowInUntrustedWorkspace", "terminals start on your machine although you do not trust the window"],
  ["chat.tools.global.autoApprove", "an agent uses every tool without asking you"],
  ["http.proxy", "it decides through whom your editor speaks"],
  ["task.allowAutomaticTasks", "tasks start when a folder is opened"],
]);
