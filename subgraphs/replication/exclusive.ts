/** Runs tasks one after the other, in the order in which they were given; a task that fails does not stop the next. */
export class Exclusive {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(task, task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
