/** The list of layers at the right, with the labels in view below it. */
import { createElement, createIconButton } from "../components/dom.ts";
import { createLayerCard, type LayerCard, type LayerCardListener, type LayerExtras } from "./layerCard.ts";
import type { LayerModel, SliceModel } from "./state.ts";

export interface Sidebar {
  readonly element: HTMLElement;
  update(model: SliceModel, extrasOf: (layer: LayerModel) => LayerExtras): void;
}

export function createSidebar(
  listener: LayerCardListener & { readonly add: () => void },
  segments: HTMLElement,
): Sidebar {
  const cards = new Map<number, LayerCard>();
  const list = createElement("ul", { className: "layers", attributes: { "aria-labelledby": "layers-title" } });
  const head = createElement("div", {
    className: "side-head",
    children: [
      createElement("h2", { className: "side-title", text: "Layers", attributes: { id: "layers-title" } }),
      createIconButton("add", "Add a layer", listener.add),
    ],
  });
  const element = createElement("aside", {
    className: "side",
    attributes: { "aria-label": "Layers" },
    children: [head, list, segments],
  });
  return {
    element,
    update(model, extrasOf) {
      const ids = new Set(model.layers.map(({ layer }) => layer.id));
      for (const [id, card] of cards) {
        if (!ids.has(id)) {
          card.element.remove();
          cards.delete(id);
        }
      }
      // The top layer comes first, as one looks at it.
      const ordered = model.layers.toReversed().map((entry) => {
        const card = cards.get(entry.layer.id) ?? createLayerCard(entry.layer.id, listener);
        cards.set(entry.layer.id, card);
        card.update(entry, extrasOf(entry));
        return card.element;
      });
      if (ordered.some((card, index) => list.children[index] !== card)) {
        list.replaceChildren(...ordered);
      }
    },
  };
}
