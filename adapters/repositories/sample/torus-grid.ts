/** A square grid of numbers whose edges are joined: the neighbour of the last column is the first. */
export class TorusGrid {
  /** Cells along one edge, a power of two, so that wrapping around is one bitwise and. */
  readonly side: number;
  /** Row after row. */
  readonly values: Float64Array;
  readonly #mask: number;
  readonly #shift: number;

  constructor(side: number) {
    if (side < 1 || (side & (side - 1)) !== 0) throw new RangeError(`${side} is not a power of two`);
    this.side = side;
    this.values = new Float64Array(side * side);
    this.#mask = side - 1;
    this.#shift = 31 - Math.clz32(side);
  }

  at(row: number, column: number): number {
    return this.values[((row & this.#mask) << this.#shift) | (column & this.#mask)] as number;
  }

  set(row: number, column: number, value: number): void {
    this.values[((row & this.#mask) << this.#shift) | (column & this.#mask)] = value;
  }

  /** Visits every cell, row after row. */
  forEach(visit: (row: number, column: number) => void): void {
    for (let row = 0; row < this.side; row += 1) {
      for (let column = 0; column < this.side; column += 1) visit(row, column);
    }
  }
}
