/** Marking as reviewed, and the warning of what is not. */

import vscode = require("vscode");
import type { AcceptRequest } from "../../crates/node/index";
import type { Folder } from "./folder";
import { say } from "./protect";
import { acceptance, DriftNews, left } from "./pure/drift";
import { failure } from "./pure/failure";

/** Remembers what was shown; what changed meanwhile stays to be reviewed. */
export async function accept(folder: Folder, request: AcceptRequest): Promise<void> {
  try {
    const review = await folder.project.accept(request);
    folder.setReview(review);
    const rest = left(request, review);
    if (rest !== undefined) await say("warning", rest);
  } catch (error) {
    await say("error", failure(error).text);
  }
}

/** Warns of each difference once; at most one warning of a folder is open. */
export function watchReview(folder: Folder): vscode.Disposable {
  const news = new DriftNews();
  let open = false;
  const look = (): void => {
    if (open || folder.review === undefined) return;
    const text = news.next(folder.reviewed);
    if (text === undefined) return;
    open = true;
    void warn(folder, text).then(() => {
      open = false;
      look();
    });
  };
  return folder.onDidChange(look);
}

async function warn(folder: Folder, text: string): Promise<void> {
  // What the words are about, not what there is when somebody clicks.
  const request = acceptance(folder.reviewed);
  const answer = await say("warning", text, "Review", "Mark as Reviewed");
  if (answer === "Review") await vscode.commands.executeCommand("drawbridge.reviewDrift", { folder });
  if (answer === "Mark as Reviewed") await accept(folder, request);
}
