/** Lifetimes: things that are opened together and disposed together, in reverse order. */

/** Anything with an end. The shape that VS Code uses. */
export interface Disposable {
  dispose(): unknown;
}

/** Owns disposables; disposing it disposes them, last added first. Adding to a disposed store disposes at once. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #isDisposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.#isDisposed) {
      item.dispose();
    } else {
      this.#items.push(item);
    }
    return item;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (let item = this.#items.pop(); item !== undefined; item = this.#items.pop()) {
      item.dispose();
    }
  }
}
