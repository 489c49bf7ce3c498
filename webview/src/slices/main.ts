/** The slice panel's page: connects the view to the extension host. */
import "./slices.css";
import type { SliceHostVoice, SliceLayer, SliceWebviewVoice } from "../../../schemas/messages/slices.ts";
import { connectHost } from "../host/vscodeApi.ts";
import { parseViewState } from "./savedState.ts";
import { createModel, type SliceModel, toViewState, withLayers } from "./state.ts";
import { Viewer } from "./viewer.ts";

/** The host hears of changes at most this often. */
const saveDelayMs = 250;

/** Layers are listed beside the panels where there is room for both. */
const roomyWidth = 640;

function main(): void {
  const link = connectHost<SliceWebviewVoice, SliceHostVoice>();
  const { port } = link;
  const page = link.readState();
  const saved = parseViewState(page);
  let isLayerListOpen = readLayerListOpen(page) ?? window.innerWidth >= roomyWidth;
  let saveTimer: ReturnType<typeof setTimeout> | undefined;

  function save(): void {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    const state = toViewState(viewer.model);
    link.saveState({ ...state, isLayerListOpen });
    port.send("stateChanged", { state });
  }

  const ignore = (): void => undefined;
  const viewer = new Viewer(
    document.getElementById("root") ?? document.body,
    {
      readTile: (address, signal) => port.request("readTile", address, { signal }),
      probe: (target, signal) => port.request("probe", target, { signal }),
      copyText: (text) => port.request("copyText", { text }),
      // The outcomes of these arrive as `layersChanged`; a failure is shown by the host, which knows the user's language.
      addLayer: () => void port.request("addLayer", {}, { timeoutMs: 2 ** 31 - 1 }).catch(ignore),
      removeLayer: (layer) => void port.request("removeLayer", { layer }).catch(ignore),
      retryLayer: (layer) => void port.request("retryLayer", { layer }).catch(ignore),
      changed: () => {
        saveTimer ??= setTimeout(save, saveDelayMs);
      },
      described: (text) => port.send("described", { text }),
      layerListToggled(isOpen) {
        isLayerListOpen = isOpen;
        saveTimer ??= setTimeout(save, saveDelayMs);
      },
    },
    { isLayerListOpen },
  );

  port.onEvent("show", ({ layers, state, settings }) => {
    const initial = state === undefined ? undefined : parseViewState(state);
    viewer.show(settings.renderer);
    viewer.update(() => withLayers(createModel(initial), layers, initial?.layers));
  });
  port.onEvent("layersChanged", ({ layers }) => {
    for (const id of replacedLayers(viewer.model, layers)) {
      viewer.forgetLayer(id);
    }
    viewer.update((model) => withLayers(model, layers));
  });
  port.onEvent("serverStopped", () => viewer.setServerStopped(true));
  port.onEvent("serverRestarted", () => viewer.setServerStopped(false));
  port.onEvent("settingsChanged", ({ settings }) => viewer.setRenderer(settings.renderer));
  port.onEvent("command", ({ name }) => viewer.run(name));
  window.addEventListener("pagehide", () => {
    if (saveTimer !== undefined) {
      save();
    }
  });
  port.send("ready", saved === undefined ? {} : { state: saved });
}

/** Layers that are gone, or whose voxels may be others: their description changed. */
function replacedLayers(model: SliceModel, layers: readonly SliceLayer[]): readonly number[] {
  return model.layers.flatMap(({ layer }) => {
    const next = layers.find(({ id }) => id === layer.id);
    const isSame = JSON.stringify(next?.volume) === JSON.stringify(layer.volume);
    return next !== undefined && isSame ? [] : [layer.id];
  });
}

function readLayerListOpen(page: unknown): boolean | undefined {
  const value = (page as { isLayerListOpen?: unknown } | null | undefined)?.isLayerListOpen;
  return typeof value === "boolean" ? value : undefined;
}

main();
