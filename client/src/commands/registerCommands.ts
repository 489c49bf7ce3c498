/** The list of commands. */
import * as vscode from "vscode";
import { sliceCommands } from "../../../schemas/messages/slices.ts";
import { commands, sliceCommandId } from "../contributions.ts";
import { addFolder } from "./addFolder.ts";
import { addLocation } from "./addLocation.ts";
import { allowChanges, makeReadOnly } from "./allowChanges.ts";
import type { Command, CommandServices } from "./command.ts";
import { copyAsPython } from "./copyAsPython.ts";
import { copyLink } from "./copyLink.ts";
import { copyLocation } from "./copyLocation.ts";
import { deleteObjects } from "./deleteObjects.ts";
import { download } from "./download.ts";
import { clearFilter, filter } from "./filter.ts";
import { loadMore } from "./loadMore.ts";
import { move } from "./move.ts";
import { newFolder } from "./newFolder.ts";
import { openFile } from "./openFile.ts";
import { openInfo } from "./openInfo.ts";
import { openPath } from "./openPath.ts";
import { openSample } from "./openSample.ts";
import { pinFolder } from "./pinFolder.ts";
import { previewSlices } from "./previewSlices.ts";
import { refresh } from "./refresh.ts";
import { removeLocation } from "./removeLocation.ts";
import { restartServer } from "./restartServer.ts";
import { retry } from "./retry.ts";
import { revealInOs } from "./revealInOs.ts";
import { showIdentity } from "./showIdentity.ts";
import { showLog } from "./showLog.ts";
import { showProperties } from "./showProperties.ts";
import { forgetCredentials, signIn, useCredentialFile } from "./signIn.ts";
import { upload } from "./upload.ts";

const implementations: Readonly<Record<keyof typeof commands, Command>> = {
  addFolder,
  addLocation,
  openSample,
  refresh,
  removeLocation,
  previewSlices,
  openInfo,
  openFile,
  copyLocation,
  copyAsPython,
  revealInOs,
  pinFolder,
  openPath,
  filter,
  clearFilter,
  download,
  upload,
  newFolder,
  move,
  deleteObjects,
  copyLink,
  showProperties,
  allowChanges,
  makeReadOnly,
  showIdentity,
  signIn,
  useCredentialFile,
  forgetCredentials,
  loadMore,
  retry,
  showLog,
  restartServer,
};

/** Registers every command, and those of the slice panel, which go to the panel in front. */
export function registerCommands(services: CommandServices): vscode.Disposable {
  const names = Object.keys(implementations) as (keyof typeof commands)[];
  return vscode.Disposable.from(
    ...names.map((name) =>
      vscode.commands.registerCommand(commands[name], (target?: unknown) => implementations[name](services, target)),
    ),
    ...sliceCommands.map((name) =>
      vscode.commands.registerCommand(sliceCommandId(name), () => services.panels.run(name)),
    ),
  );
}
